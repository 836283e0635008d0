alter table read_model.user_directory drop column search_starts;

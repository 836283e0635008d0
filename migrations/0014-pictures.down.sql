alter table read_model.user_directory drop column picture;
drop schema pictures cascade;

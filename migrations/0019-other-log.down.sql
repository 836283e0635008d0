alter table read_model.projections drop column other_log_at;

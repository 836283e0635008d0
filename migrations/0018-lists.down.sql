drop index read_model.user_directory_username, read_model.user_directory_email, read_model.user_directory_name,
  read_model.user_directory_created_at, read_model.user_directory_updated_at, read_model.user_directory_last_login,
  read_model.user_directory_last_login_newest, read_model.user_directory_role;
create index user_directory_username on read_model.user_directory (username, id);
create index user_directory_email on read_model.user_directory (email, id);
create index user_directory_name on read_model.user_directory (name, id);
create index user_directory_created_at on read_model.user_directory (created_at, id);
create index user_directory_updated_at on read_model.user_directory (updated_at, id);
create index user_directory_last_login on read_model.user_directory (last_login, id);
create index user_directory_role on read_model.user_directory (role, created_at, id);
drop table read_model.user_counts;
alter table read_model.user_directory drop column search;
drop extension pg_trgm;

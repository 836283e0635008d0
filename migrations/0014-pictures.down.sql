-- WARNING: every picture that is kept in the database is lost. The log has only their digests, so nothing but a backup
-- brings them back. Pictures in a bucket stay there.
alter table read_model.user_directory drop column picture;
drop schema pictures cascade;

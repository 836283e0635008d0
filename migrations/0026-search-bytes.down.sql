drop index read_model.user_directory_search_bytes;
drop function read_model.search_bytes;

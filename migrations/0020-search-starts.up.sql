alter table read_model.user_directory add column search_starts text[] collate "C";

comment on column read_model.user_directory.search_starts is 'The first letter, and the first two, of each value in search: trigrams do not know parts so short; null once erased.';

update read_model.user_directory u set search_starts = (
    select array_agg(distinct left(value, size)) from regexp_split_to_table(substr(u.search, 2), E'\n') value, generate_series(1, 2) size
  ) where search is not null;

create index user_directory_search_starts on read_model.user_directory using gin (search_starts)
  with (gin_pending_list_limit = 256);

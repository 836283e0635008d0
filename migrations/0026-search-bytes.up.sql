-- A text as the hexadecimal of its UTF-8. convert_to() counts as stable for the sake of other encodings; ours is UTF-8.
create function read_model.search_bytes(value text) returns text
language sql immutable strict parallel safe
return encode(convert_to(value, 'UTF8'), 'hex');

comment on function read_model.search_bytes is 'Letters that trigrams do not know under the C locale, in signs that they do know.';

create index user_directory_search_bytes on read_model.user_directory
  using gin (read_model.search_bytes(search) gin_trgm_ops) with (gin_pending_list_limit = 256)
  where octet_length(search) <> char_length(search);

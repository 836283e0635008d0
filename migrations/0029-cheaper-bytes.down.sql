create or replace function read_model.search_bytes(value text) returns text
language sql immutable strict parallel safe
return encode(convert_to(value, 'UTF8'), 'hex');

-- The same bytes, in immutable steps only: then the planner puts them in the function's place, and whatever is found by
-- the index is checked again sooner. A text becomes bytea as it stands once its backslashes are doubled.
create or replace function read_model.search_bytes(value text) returns text
language sql immutable strict parallel safe
return encode(replace(value, '\', '\\')::bytea, 'hex');

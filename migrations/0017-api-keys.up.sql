create table read_model.api_keys (
  id uuid primary key,
  name text,
  scopes text[] not null,
  rate_limit_per_hour integer,
  created_at timestamptz(3) not null,
  created_by uuid,
  expires_at timestamptz(3),
  revoked_at timestamptz(3)
);

comment on table read_model.api_keys is 'The keys of other services. Nothing here recognises or makes one: the digest stands in the log only.';
comment on column read_model.api_keys.name is 'Of the administrator who made the key; null once they were erased.';

-- PostgreSQL keeps samples of a column's values for its planner, also of values that are gone. Nothing looks for a name.
alter table read_model.api_keys alter column name set statistics 0;

create index api_keys_newest on read_model.api_keys (created_at desc, id desc);

create table read_model.api_key_erased_people (
  user_id uuid primary key
);

comment on table read_model.api_key_erased_people is 'Who was erased: no key keeps a name of theirs, not even one whose creation was under way.';

-- What query-api notes down for itself. Working tables: they may be lost.
create schema query;

create table query.api_key_uses (
  key_id       uuid primary key,
  last_used_at timestamptz(3) not null
);

comment on table query.api_key_uses is 'When a key was last used, written at most once a minute by each copy; a crash loses the last minute.';

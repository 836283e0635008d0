create schema read_model;

comment on schema read_model is 'Shapes of the log that can be rebuilt from it at any time; no ordinary backup holds them.';

create table read_model.projections (
  name text not null,
  version integer not null,
  state text not null check (state in ('building', 'live', 'retired')),
  log_id text,
  position text collate "C",
  position_time timestamptz(3),
  events_count bigint not null default 0,
  at_end_at timestamptz(3),
  started_at timestamptz(3) not null default now(),
  primary key (name, version)
);

comment on table read_model.projections is 'How far each follower of the log is: read models, the relay, the destroyer of keys.';
comment on column read_model.projections.log_id is 'The log that the position belongs to.';
comment on column read_model.projections.position is 'Everything up to here is in; null before the first event.';
comment on column read_model.projections.position_time is 'When the event at the position was recorded.';
comment on column read_model.projections.at_end_at is 'When the follower last knew that it stood at the end of the log.';

create unique index projections_one_live on read_model.projections (name) where state = 'live';

create table read_model.parked_events (
  name text not null,
  version integer not null,
  position text collate "C" not null,
  person uuid not null,
  event_id uuid not null,
  stream text not null,
  revision integer not null,
  type text not null,
  reason text not null,
  parked_at timestamptz(3) not null default now(),
  primary key (name, version, position),
  foreign key (name, version) references read_model.projections on delete cascade
);

comment on table read_model.parked_events is 'Events that a read model could not apply, and the later ones of the same people that wait behind them.';
comment on column read_model.parked_events.reason is 'Why it could not be applied; never a personal value.';

create index parked_events_person on read_model.parked_events (name, version, person, position);

create table read_model.user_directory (
  id uuid primary key,
  username text collate "C",
  email text collate "C",
  email_canonical text collate "C",
  email_verified boolean not null,
  pending_email text collate "C",
  name text collate "C",
  given_name text,
  first_name text,
  last_name text,
  phone text,
  role text not null,
  status text not null,
  preferences jsonb,
  picture_url text,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  last_login timestamptz(3),
  revision integer not null,
  sign_ins integer not null
);

comment on table read_model.user_directory is 'Everybody as the APIs show them; an erased person keeps a row without any personal value.';
comment on column read_model.user_directory.name is 'The display name: as given, else made of the others.';
comment on column read_model.user_directory.given_name is 'The display name as it was given, or null.';
comment on column read_model.user_directory.revision is 'Of the person''s own stream: the ETag.';
comment on column read_model.user_directory.sign_ins is 'How many sign-ins stand in the person''s sign-in stream: the second number of the ETag.';

-- The C collation keeps one order on every machine and lets a prefix search use the same index.
create index user_directory_username on read_model.user_directory (username, id);
create index user_directory_email on read_model.user_directory (email, id);
create index user_directory_email_canonical on read_model.user_directory (email_canonical);
create index user_directory_name on read_model.user_directory (name, id);
create index user_directory_created_at on read_model.user_directory (created_at, id);
create index user_directory_updated_at on read_model.user_directory (updated_at, id);
create index user_directory_last_login on read_model.user_directory (last_login, id);
create index user_directory_status on read_model.user_directory (status, created_at, id);
create index user_directory_role on read_model.user_directory (role, created_at, id);

create table read_model.user_sessions (
  id uuid primary key,
  user_id uuid not null,
  ver integer not null,
  started_at timestamptz(3) not null,
  last_used_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  address text,
  user_agent text
);

comment on table read_model.user_sessions is 'Sessions that nothing has ended; one whose time is over may still stand here.';
comment on column read_model.user_sessions.ver is 'Revision of the person''s stream that was read before the password was looked at.';

create index user_sessions_user on read_model.user_sessions (user_id, started_at, id);

create table read_model.user_session_endings (
  user_id uuid primary key,
  revision integer not null,
  kept_session_id uuid
);

comment on table read_model.user_session_endings is 'The last event of a person that ended every session of a lower revision, but the one kept.';

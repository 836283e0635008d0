alter table read_model.parked_events add column tried_at timestamptz(3);
comment on column read_model.parked_events.tried_at is 'When it was last tried again; null: never.';
create index parked_events_event on read_model.parked_events (event_id);

alter table mailer.deliveries add column type text, add column held_until timestamptz;
comment on column mailer.deliveries.type is 'Of the message; stays when the message goes. Null: taken in before this column was there.';
comment on column mailer.deliveries.held_until is 'While it waits: until when the attempt under way holds it. Null: none is under way.';
create index deliveries_ended on mailer.deliveries (status, done_at) where status <> 'waiting';

create table mailer.unread_letters (
  place text primary key,
  reason text not null,
  dead_at timestamptz(3) not null default now()
);
comment on table mailer.unread_letters is 'Records of the feed that no inbox can take, put among the dead letters: where they stood, nothing of them.';

create table mailer.redrives (
  request_id uuid primary key,
  event_id uuid not null,
  position text collate "C" not null,
  mails integer not null,
  handled_at timestamptz(3) not null default now()
);
comment on table mailer.redrives is 'Requests to try dead letters again that were acted on; each once.';
create index redrives_position on mailer.redrives (position);

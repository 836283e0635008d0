create schema notary;

comment on schema notary is 'What the notary must remember beside the log, so that an older or another log cannot deceive it.';

create table notary.last_signed (
  singleton boolean primary key default true check (singleton),
  log_id text not null,
  revision integer not null,
  size bigint not null,
  root bytea not null check (length(root) = 32),
  note text not null,
  saved_at timestamptz(3) not null default now()
);

comment on table notary.last_signed is 'The newest checkpoint that was signed, kept apart from the log.';
comment on column notary.last_signed.revision is 'Of its event in the stream notary.';

create table notary.sinks (
  sink text not null,
  log_id text not null,
  revision integer not null,
  pushed_at timestamptz(3) not null default now(),
  failing_since timestamptz(3),
  primary key (sink, log_id)
);

comment on table notary.sinks is 'How far the checkpoints have come to each place of CHECKPOINT_SINK.';
comment on column notary.sinks.revision is 'Of the last checkpoint that the sink took: every earlier one is there too.';

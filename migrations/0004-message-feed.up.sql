create schema message_feed;

comment on schema message_feed is 'The public messages of the small profile. The large profile uses Kafka and leaves these tables empty.';

create table message_feed.messages (
  seq bigint generated always as identity primary key,
  partition smallint not null,
  id text not null unique,
  key text not null,
  type text not null,
  position text collate "C" not null,
  time text not null,
  data jsonb not null,
  published_at timestamptz(3) not null default now()
);

comment on table message_feed.messages is 'Kept until an operator deletes old rows; a group that has not handled them yet would miss them, so look at group_offsets first. A new group begins with the oldest row. Personal data stands here only sealed.';
comment on column message_feed.messages.seq is 'In commit order: publishers wait for each other on an advisory lock.';

create index messages_partition on message_feed.messages (partition, seq);

create table message_feed.group_offsets (
  group_name text not null,
  partition smallint not null,
  acked bigint not null default 0,
  primary key (group_name, partition)
);

comment on table message_feed.group_offsets is 'Up to which seq a group has handled each partition.';

create table message_feed.dead_letters (
  group_name text not null,
  message_id text not null,
  key text not null,
  type text not null,
  position text collate "C" not null,
  time text not null,
  data jsonb not null,
  place text not null,
  reason text not null,
  dead_at timestamptz(3) not null default now(),
  primary key (group_name, message_id)
);

comment on table message_feed.dead_letters is 'Messages that a group put aside because it could not handle them.';

create table read_model.audit_index (
  leaf bigint primary key check (leaf >= 0),
  event_id uuid not null,
  position text collate "C" not null,
  stream text collate "C" not null,
  revision bigint not null,
  type text collate "C" not null,
  recorded_at timestamptz(3) not null,
  actor_kind text collate "C" not null,
  actor_id text collate "C",
  subject uuid,
  request_id text collate "C" not null,
  correlation_id text collate "C" not null,
  causation_id text collate "C",
  command_id text collate "C" not null,
  hash bytea not null check (length(hash) = 32)
);

comment on table read_model.audit_index is 'Every event of the log, in its order, by what stands in the clear beside it; never changed, so an erasure leaves it.';
comment on column read_model.audit_index.leaf is 'Place in the log and in the Merkle tree: dense, from 0.';
comment on column read_model.audit_index.subject is 'The person whom the event is about, or null.';
comment on column read_model.audit_index.hash is 'The leaf''s hash: metadata.hash, which was computed again from the event.';

create index audit_index_event on read_model.audit_index (event_id);
create index audit_index_actor on read_model.audit_index (actor_id, leaf) where actor_id is not null;
create index audit_index_subject on read_model.audit_index (subject, leaf) where subject is not null;
create index audit_index_type on read_model.audit_index (type, leaf);
create index audit_index_time on read_model.audit_index (recorded_at, leaf);
create index audit_index_request on read_model.audit_index (request_id, leaf);

create table read_model.audit_tree (
  level smallint not null check (level > 0 and level % 4 = 0),
  index bigint not null check (index >= 0),
  hash bytea not null check (length(hash) = 32),
  primary key (level, index)
);

comment on table read_model.audit_tree is 'Full subtrees of the Merkle tree over audit_index: every fourth level, since the levels between are soon computed from 16 hashes.';
comment on column read_model.audit_tree.index is 'The subtree over the leaves from index * 2^level on, 2^level of them.';

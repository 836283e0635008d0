-- The append-only log: one table, one way in.

create schema event_log;

-- Which log this is. A log that was made anew has another id, so that positions of the old one are not used on it.
create table event_log.identity (
  singleton boolean primary key default true check (singleton),
  log_id uuid not null default gen_random_uuid()
);

insert into event_log.identity default values;

create table event_log.events (
  -- Dense, from 1, given under the writers' lock: a transaction's positions are always beyond all committed ones.
  position bigint primary key check (position > 0),
  id uuid not null unique,
  stream text collate "C" not null,
  revision bigint not null check (revision >= 0),
  type text not null,
  schema_version integer not null,
  -- Text, since the hash covers it to the letter.
  recorded_at text not null,
  -- jsonb keeps every value, not its spelling; hashes are taken over RFC 8785 canonical JSON, which has one spelling.
  data jsonb not null,
  personal jsonb not null,
  metadata jsonb not null,
  unique (stream, revision)
);

create function event_log.refuse_change() returns trigger
language plpgsql
as $$
begin
  raise exception 'A stored event is never changed' using errcode = 'restrict_violation';
end
$$;

create trigger events_are_never_changed
before update or delete or truncate on event_log.events
for each statement execute function event_log.refuse_change();

-- Appends a batch: a JSON array of {stream, expected, events: [{id, type, schemaVersion, recordedAt, data, personal,
-- metadata}]}. Each append is taken or refused whole, in the order of the array, and one row answers each:
--   stored          its events stand in the log from now on
--   already-stored  its ids stood at exactly these places; nothing was written
--   conflict        nothing was written; revision is the stream's last (-1: the stream has no event)
-- A refusal raises no error. Call it in a transaction of its own, for the lock is held until that ends.
create function event_log.append_batch(batch jsonb)
returns table (outcome text, revision bigint, "position" bigint)
language plpgsql
-- Every look-up goes through an index, also while the table is new and its statistics say that it is small.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
as $$
declare
  -- 'rollbook' in ASCII.
  writers_lock constant bigint := x'726f6c6c626f6f6b'::bigint;
  head bigint;
  head_before bigint;
  append jsonb;
  name text;
  expected bigint;
  size integer;
  last bigint;
  known integer;
  in_place integer;
  last_position bigint;
begin
  -- Under any stricter isolation the snapshot would be older than the lock.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'append_batch wants read committed' using errcode = 'invalid_transaction_state';
  end if;

  -- Lock, then check, then insert, as statements of their own: each takes a new snapshot, so that the check sees what
  -- the lock has waited for, and nobody reads past a lower position that is committed later.
  perform pg_advisory_xact_lock(writers_lock);
  select coalesce(max(e.position), 0) into head from event_log.events e;
  head_before := head;

  for append in select a.value from jsonb_array_elements(batch) with ordinality a order by a.ordinality loop
    name := append ->> 'stream';
    expected := (append ->> 'expected')::bigint;
    size := jsonb_array_length(append -> 'events');

    select coalesce(max(e.revision), -1) into last from event_log.events e where e.stream = name;
    select count(*), count(*) filter (where e.stream = name and e.revision = expected + n.ordinality), max(e.position)
      into known, in_place, last_position
      from jsonb_array_elements(append -> 'events') with ordinality n
      join event_log.events e on e.id = (n.value ->> 'id')::uuid;

    if in_place = size then
      return query select 'already-stored', expected + size, last_position;
    elsif known > 0 or last <> expected then
      return query select 'conflict', last, null::bigint;
    else
      insert into event_log.events
        (position, id, stream, revision, type, schema_version, recorded_at, data, personal, metadata)
      select head + n.ordinality, (n.value ->> 'id')::uuid, name, expected + n.ordinality, n.value ->> 'type',
        (n.value ->> 'schemaVersion')::integer, n.value ->> 'recordedAt',
        n.value -> 'data', n.value -> 'personal', n.value -> 'metadata'
      from jsonb_array_elements(append -> 'events') with ordinality n;
      head := head + size;
      return query select 'stored', expected + size, head;
    end if;
  end loop;

  -- Only wakes readers; they poll as well.
  if head > head_before then
    perform pg_notify('event_log', '');
  end if;
end
$$;

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
#variable_conflict use_column
declare
  -- 'rollbook' in ASCII.
  writers_lock constant bigint := x'726f6c6c626f6f6b'::bigint;
  total constant integer := jsonb_array_length(batch);
  ids_repeat boolean;
  head_before bigint;
  head bigint;
  append jsonb;
  -- Appends that one statement can take: no two of one stream, no id twice.
  share jsonb[] := '{}';
  streams text[] := '{}';
begin
  -- Under any stricter isolation the snapshot would be older than the lock.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'append_batch wants read committed' using errcode = 'invalid_transaction_state';
  end if;
  select count(*) <> count(distinct x.value ->> 'id') into ids_repeat
  from jsonb_array_elements(batch) a cross join lateral jsonb_array_elements(a.value -> 'events') x;

  -- Lock, then check, then insert, as statements of their own: each takes a new snapshot, so that the check sees what
  -- the lock has waited for, and nobody reads past a lower position that is committed later.
  perform pg_advisory_xact_lock(writers_lock);
  select coalesce(max(e.position), 0) into head from event_log.events e;
  head_before := head;

  for n in 0 .. total loop
    append := batch -> n;
    if n = total or ids_repeat or append ->> 'stream' = any(streams) then
      return query
      with asked as materialized (
        select a.ordinality as n, a.value ->> 'stream' as stream, (a.value ->> 'expected')::bigint as expected,
          a.value -> 'events' as events, jsonb_array_length(a.value -> 'events') as size
        from jsonb_array_elements(case cardinality(share) when total then batch else to_jsonb(share) end)
          with ordinality a
      ), checked as materialized (
        select asked.*, own.last, found.last_position,
          case
            when found.in_place = size then 'already-stored'
            when found.known > 0 or own.last <> expected then 'conflict'
            else 'stored'
          end as outcome
        from asked
        cross join lateral (
          select coalesce(max(e.revision), -1) as last from event_log.events e where e.stream = asked.stream
        ) own
        cross join lateral (
          select count(*) as known, max(e.position) as last_position,
            count(*) filter (where e.stream = asked.stream and e.revision = asked.expected + x.ordinality) as in_place
          from jsonb_array_elements(asked.events) with ordinality x
          join event_log.events e on e.id = (x.value ->> 'id')::uuid
        ) found
      ), placed as materialized (
        select c.*, head + sum(case c.outcome when 'stored' then size else 0 end) over (order by n) as last_new
        from checked c
      ), written as (
        insert into event_log.events
          (position, id, stream, revision, type, schema_version, recorded_at, data, personal, metadata)
        select last_new - size + x.ordinality, (x.value ->> 'id')::uuid, stream, expected + x.ordinality,
          x.value ->> 'type', (x.value ->> 'schemaVersion')::integer, x.value ->> 'recordedAt',
          x.value -> 'data', x.value -> 'personal', x.value -> 'metadata'
        from placed p cross join lateral jsonb_array_elements(events) with ordinality x
        where p.outcome = 'stored'
      )
      select p.outcome,
        case p.outcome when 'conflict' then p.last else expected + size end,
        case p.outcome when 'stored' then last_new::bigint when 'already-stored' then last_position end
      from placed p order by p.n;

      select coalesce(max(e.position), 0) into head from event_log.events e;
      share := '{}';
      streams := '{}';
    end if;
    share := share || append;
    streams := streams || (append ->> 'stream');
  end loop;

  -- Only wakes readers; they poll as well.
  if head > head_before then
    perform pg_notify('event_log', '');
  end if;
end
$$;

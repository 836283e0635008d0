schema command;
schema event_log;
schema keys;
schema mailer;
schema message_feed;
schema notary;
schema pictures;
schema query;
schema read_model;
schema working;

extension pg_trgm;

table command.credential_counts (
  kind text not null,
  subject text not null,
  address text not null,
  window_start timestamp(3) with time zone not null default now(),
  taken integer not null default 0,
  in_a_row integer not null default 0,
  blocked_until timestamp(3) with time zone
);
table command.expiry_progress (
  log_id text not null,
  "position" text collate "C" not null
);
table command.known_addresses (
  subject text not null,
  address text not null,
  last_at timestamp(3) with time zone not null
);
table command.refused_sign_ins (
  subject text not null,
  window_start timestamp(3) with time zone not null,
  count bigint not null
);
table command.stored_answers (
  scope text not null,
  body_mac text not null,
  state text not null,
  lease_until timestamp(3) with time zone not null,
  execution uuid not null,
  subject uuid,
  key_id text,
  nonce bytea,
  ciphertext bytea,
  created_at timestamp(3) with time zone not null default now()
);
table event_log.events (
  "position" bigint not null,
  id uuid not null,
  stream text collate "C" not null,
  revision bigint not null,
  type text not null,
  schema_version integer not null,
  recorded_at text not null,
  data jsonb not null,
  personal jsonb not null,
  metadata jsonb not null
);
table event_log.identity (
  singleton boolean not null default true,
  log_id uuid not null default gen_random_uuid()
);
table keys.person_keys (
  subject text collate "C" not null,
  key_id text,
  wrapped bytea,
  master_key_id text,
  destroyed_position text
);
table mailer.deliveries (
  event_id uuid not null,
  user_id uuid,
  kind text not null,
  status text not null default 'waiting'::text,
  attempts integer not null default 0,
  due_at timestamp with time zone not null default now(),
  fence bigint not null default 0,
  reason text,
  message jsonb,
  received_at timestamp with time zone not null default now(),
  done_at timestamp with time zone,
  type text,
  held_until timestamp with time zone
);
table mailer.redrives (
  request_id uuid not null,
  event_id uuid not null,
  "position" text collate "C" not null,
  mails integer not null,
  handled_at timestamp(3) with time zone not null default now()
);
table mailer.unread_letters (
  place text not null,
  reason text not null,
  dead_at timestamp(3) with time zone not null default now()
);
table message_feed.dead_letters (
  group_name text not null,
  message_id text not null,
  key text not null,
  type text not null,
  "position" text collate "C" not null,
  "time" text not null,
  data jsonb not null,
  place text not null,
  reason text not null,
  dead_at timestamp(3) with time zone not null default now()
);
table message_feed.group_offsets (
  group_name text not null,
  partition smallint not null,
  acked bigint not null default 0
);
table message_feed.messages (
  seq bigint not null generated always as identity,
  partition smallint not null,
  id text not null,
  key text not null,
  type text not null,
  "position" text collate "C" not null,
  "time" text not null,
  data jsonb not null,
  published_at timestamp(3) with time zone not null default now()
);
table notary.last_signed (
  singleton boolean not null default true,
  log_id text not null,
  revision integer not null,
  size bigint not null,
  root bytea not null,
  note text not null,
  saved_at timestamp(3) with time zone not null default now()
);
table notary.sinks (
  sink text not null,
  log_id text not null,
  revision integer not null,
  pushed_at timestamp(3) with time zone not null default now(),
  failing_since timestamp(3) with time zone
);
table pictures.pictures (
  owner uuid not null,
  id uuid not null,
  sealed bytea not null,
  stored_at timestamp(3) with time zone not null default now()
);
table query.api_key_uses (
  key_id uuid not null,
  last_used_at timestamp(3) with time zone not null
);
table read_model.api_key_erased_people (
  user_id uuid not null
);
table read_model.api_keys (
  id uuid not null,
  name text statistics 0,
  scopes text[] not null,
  rate_limit_per_hour integer,
  created_at timestamp(3) with time zone not null,
  created_by uuid,
  expires_at timestamp(3) with time zone,
  revoked_at timestamp(3) with time zone
);
table read_model.audit_index (
  leaf bigint not null,
  event_id uuid not null,
  "position" text collate "C" not null,
  stream text collate "C" not null,
  revision bigint not null,
  type text collate "C" not null,
  recorded_at timestamp(3) with time zone not null,
  actor_kind text collate "C" not null,
  actor_id text collate "C",
  subject uuid,
  request_id text collate "C" not null,
  correlation_id text collate "C" not null,
  causation_id text collate "C",
  command_id text collate "C" not null,
  hash bytea not null
);
table read_model.audit_tree (
  level smallint not null,
  index bigint not null,
  hash bytea not null
);
table read_model.erased_meanwhile (
  name text not null,
  version integer not null,
  person uuid not null,
  "position" text collate "C" not null,
  forgotten boolean not null default false
);
table read_model.erasures (
  id uuid not null,
  status text not null,
  requested_at timestamp(3) with time zone,
  confirmed_at timestamp(3) with time zone,
  cancelled_at timestamp(3) with time zone,
  erased_at timestamp(3) with time zone,
  changed_at timestamp(3) with time zone not null,
  receipt jsonb
);
table read_model.minute_marks (
  minute timestamp(3) with time zone not null,
  log_id text not null,
  "position" text collate "C" not null,
  marked_at timestamp(3) with time zone not null
);
table read_model.parked_events (
  name text not null,
  version integer not null,
  "position" text collate "C" not null,
  person uuid not null,
  event_id uuid not null,
  stream text not null,
  revision integer not null,
  type text not null,
  reason text not null,
  parked_at timestamp(3) with time zone not null default now(),
  tried_at timestamp(3) with time zone
);
table read_model.projections (
  name text not null,
  version integer not null,
  state text not null,
  log_id text,
  "position" text collate "C",
  position_time timestamp(3) with time zone,
  events_count bigint not null default 0,
  at_end_at timestamp(3) with time zone,
  started_at timestamp(3) with time zone not null default now(),
  other_log_at timestamp(3) with time zone
);
table read_model.user_counts with {fillfactor=50} (
  role text not null,
  status text not null,
  people bigint not null
);
table read_model.user_directory (
  id uuid not null,
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
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  last_login timestamp(3) with time zone,
  revision integer not null,
  sign_ins integer not null,
  picture jsonb,
  search text collate "C",
  search_starts text[] collate "C"
);
table read_model.user_session_endings (
  user_id uuid not null,
  revision integer not null,
  kept_session_id uuid
);
table read_model.user_sessions (
  id uuid not null,
  user_id uuid not null,
  ver integer not null,
  started_at timestamp(3) with time zone not null,
  last_used_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone not null,
  address text statistics 0,
  user_agent text statistics 0
);
table working.request_counts unlogged with {fillfactor=50} (
  name text not null,
  count bigint not null,
  ends_at timestamp with time zone not null
);

sequence message_feed.messages_seq_seq bigint start 1 increment 1;

constraint credential_counts_kind_check on command.credential_counts CHECK ((kind = ANY (ARRAY['sign-in'::text, 'reset'::text, 'verification'::text, 'registration'::text])));
constraint credential_counts_pkey on command.credential_counts PRIMARY KEY (kind, subject, address);
constraint expiry_progress_pkey on command.expiry_progress PRIMARY KEY (log_id);
constraint known_addresses_pkey on command.known_addresses PRIMARY KEY (subject, address);
constraint refused_sign_ins_pkey on command.refused_sign_ins PRIMARY KEY (subject, window_start);
constraint stored_answers_pkey on command.stored_answers PRIMARY KEY (scope);
constraint stored_answers_state_check on command.stored_answers CHECK ((state = ANY (ARRAY['running'::text, 'done'::text])));
constraint events_id_key on event_log.events UNIQUE (id);
constraint events_pkey on event_log.events PRIMARY KEY ("position");
constraint events_position_check on event_log.events CHECK (("position" > 0));
constraint events_revision_check on event_log.events CHECK ((revision >= 0));
constraint events_stream_revision_key on event_log.events UNIQUE (stream, revision);
constraint identity_pkey on event_log.identity PRIMARY KEY (singleton);
constraint identity_singleton_check on event_log.identity CHECK (singleton);
constraint person_keys_check on keys.person_keys CHECK (((wrapped IS NULL) = (master_key_id IS NULL)));
constraint person_keys_check1 on keys.person_keys CHECK (((wrapped IS NULL) OR ((key_id IS NOT NULL) AND (destroyed_position IS NULL))));
constraint person_keys_pkey on keys.person_keys PRIMARY KEY (subject);
constraint deliveries_check on mailer.deliveries CHECK (((status = 'waiting'::text) = ((message IS NOT NULL) AND (done_at IS NULL))));
constraint deliveries_pkey on mailer.deliveries PRIMARY KEY (event_id, kind);
constraint deliveries_status_check on mailer.deliveries CHECK ((status = ANY (ARRAY['waiting'::text, 'sent'::text, 'expired'::text, 'dropped'::text, 'dead'::text])));
constraint redrives_pkey on mailer.redrives PRIMARY KEY (request_id);
constraint unread_letters_pkey on mailer.unread_letters PRIMARY KEY (place);
constraint dead_letters_pkey on message_feed.dead_letters PRIMARY KEY (group_name, message_id);
constraint group_offsets_pkey on message_feed.group_offsets PRIMARY KEY (group_name, partition);
constraint messages_id_key on message_feed.messages UNIQUE (id);
constraint messages_pkey on message_feed.messages PRIMARY KEY (seq);
constraint last_signed_pkey on notary.last_signed PRIMARY KEY (singleton);
constraint last_signed_root_check on notary.last_signed CHECK ((length(root) = 32));
constraint last_signed_singleton_check on notary.last_signed CHECK (singleton);
constraint sinks_pkey on notary.sinks PRIMARY KEY (sink, log_id);
constraint pictures_pkey on pictures.pictures PRIMARY KEY (owner, id);
constraint api_key_uses_pkey on query.api_key_uses PRIMARY KEY (key_id);
constraint api_key_erased_people_pkey on read_model.api_key_erased_people PRIMARY KEY (user_id);
constraint api_keys_pkey on read_model.api_keys PRIMARY KEY (id);
constraint audit_index_hash_check on read_model.audit_index CHECK ((length(hash) = 32));
constraint audit_index_leaf_check on read_model.audit_index CHECK ((leaf >= 0));
constraint audit_index_pkey on read_model.audit_index PRIMARY KEY (leaf);
constraint audit_tree_hash_check on read_model.audit_tree CHECK ((length(hash) = 32));
constraint audit_tree_index_check on read_model.audit_tree CHECK ((index >= 0));
constraint audit_tree_level_check on read_model.audit_tree CHECK (((level > 0) AND (((level)::integer % 4) = 0)));
constraint audit_tree_pkey on read_model.audit_tree PRIMARY KEY (level, index);
constraint erased_meanwhile_name_version_fkey on read_model.erased_meanwhile FOREIGN KEY (name, version) REFERENCES read_model.projections(name, version) ON DELETE CASCADE;
constraint erased_meanwhile_pkey on read_model.erased_meanwhile PRIMARY KEY (name, version, person);
constraint erasures_pkey on read_model.erasures PRIMARY KEY (id);
constraint erasures_status_check on read_model.erasures CHECK ((status = ANY (ARRAY['requested'::text, 'confirmed'::text, 'erased'::text, 'cancelled'::text])));
constraint minute_marks_pkey on read_model.minute_marks PRIMARY KEY (minute);
constraint parked_events_name_version_fkey on read_model.parked_events FOREIGN KEY (name, version) REFERENCES read_model.projections(name, version) ON DELETE CASCADE;
constraint parked_events_pkey on read_model.parked_events PRIMARY KEY (name, version, "position");
constraint projections_pkey on read_model.projections PRIMARY KEY (name, version);
constraint projections_state_check on read_model.projections CHECK ((state = ANY (ARRAY['building'::text, 'live'::text, 'retired'::text])));
constraint user_counts_pkey on read_model.user_counts PRIMARY KEY (role, status);
constraint user_directory_pkey on read_model.user_directory PRIMARY KEY (id);
constraint user_session_endings_pkey on read_model.user_session_endings PRIMARY KEY (user_id);
constraint user_sessions_pkey on read_model.user_sessions PRIMARY KEY (id);
constraint request_counts_pkey on working.request_counts PRIMARY KEY (name);

CREATE UNIQUE INDEX credential_counts_pkey ON command.credential_counts USING btree (kind, subject, address);
CREATE INDEX credential_counts_window_start ON command.credential_counts USING btree (window_start);
CREATE UNIQUE INDEX expiry_progress_pkey ON command.expiry_progress USING btree (log_id);
CREATE INDEX known_addresses_last_at ON command.known_addresses USING btree (last_at);
CREATE UNIQUE INDEX known_addresses_pkey ON command.known_addresses USING btree (subject, address);
CREATE UNIQUE INDEX refused_sign_ins_pkey ON command.refused_sign_ins USING btree (subject, window_start);
CREATE INDEX refused_sign_ins_window_start ON command.refused_sign_ins USING btree (window_start);
CREATE INDEX stored_answers_created_at ON command.stored_answers USING btree (created_at);
CREATE UNIQUE INDEX stored_answers_pkey ON command.stored_answers USING btree (scope);
CREATE INDEX stored_answers_subject ON command.stored_answers USING btree (subject);
CREATE UNIQUE INDEX events_id_key ON event_log.events USING btree (id);
CREATE UNIQUE INDEX events_pkey ON event_log.events USING btree ("position");
CREATE UNIQUE INDEX events_stream_revision_key ON event_log.events USING btree (stream, revision);
CREATE UNIQUE INDEX identity_pkey ON event_log.identity USING btree (singleton);
CREATE UNIQUE INDEX person_keys_pkey ON keys.person_keys USING btree (subject);
CREATE INDEX deliveries_due ON mailer.deliveries USING btree (due_at) WHERE (status = 'waiting'::text);
CREATE INDEX deliveries_ended ON mailer.deliveries USING btree (status, done_at) WHERE (status <> 'waiting'::text);
CREATE INDEX deliveries_of_person ON mailer.deliveries USING btree (user_id);
CREATE UNIQUE INDEX deliveries_pkey ON mailer.deliveries USING btree (event_id, kind);
CREATE UNIQUE INDEX redrives_pkey ON mailer.redrives USING btree (request_id);
CREATE INDEX redrives_position ON mailer.redrives USING btree ("position");
CREATE UNIQUE INDEX unread_letters_pkey ON mailer.unread_letters USING btree (place);
CREATE UNIQUE INDEX dead_letters_pkey ON message_feed.dead_letters USING btree (group_name, message_id);
CREATE UNIQUE INDEX group_offsets_pkey ON message_feed.group_offsets USING btree (group_name, partition);
CREATE UNIQUE INDEX messages_id_key ON message_feed.messages USING btree (id);
CREATE INDEX messages_partition ON message_feed.messages USING btree (partition, seq);
CREATE UNIQUE INDEX messages_pkey ON message_feed.messages USING btree (seq);
CREATE UNIQUE INDEX last_signed_pkey ON notary.last_signed USING btree (singleton);
CREATE UNIQUE INDEX sinks_pkey ON notary.sinks USING btree (sink, log_id);
CREATE UNIQUE INDEX pictures_pkey ON pictures.pictures USING btree (owner, id);
CREATE UNIQUE INDEX api_key_uses_pkey ON query.api_key_uses USING btree (key_id);
CREATE UNIQUE INDEX api_key_erased_people_pkey ON read_model.api_key_erased_people USING btree (user_id);
CREATE INDEX api_keys_newest ON read_model.api_keys USING btree (created_at DESC, id DESC);
CREATE UNIQUE INDEX api_keys_pkey ON read_model.api_keys USING btree (id);
CREATE INDEX audit_index_actor_time ON read_model.audit_index USING btree (COALESCE(actor_id, actor_kind), (recorded_at AT TIME ZONE 'UTC'::text), leaf);
CREATE INDEX audit_index_actor_type ON read_model.audit_index USING btree (COALESCE(actor_id, actor_kind), type, (recorded_at AT TIME ZONE 'UTC'::text), leaf);
CREATE INDEX audit_index_causation ON read_model.audit_index USING btree (causation_id) WHERE (causation_id IS NOT NULL);
CREATE INDEX audit_index_event ON read_model.audit_index USING btree (event_id);
CREATE UNIQUE INDEX audit_index_pkey ON read_model.audit_index USING btree (leaf);
CREATE INDEX audit_index_request ON read_model.audit_index USING btree (request_id, leaf);
CREATE INDEX audit_index_subject_time ON read_model.audit_index USING btree (subject, (recorded_at AT TIME ZONE 'UTC'::text), leaf) WHERE (subject IS NOT NULL);
CREATE INDEX audit_index_subject_type ON read_model.audit_index USING btree (subject, type, (recorded_at AT TIME ZONE 'UTC'::text), leaf) WHERE (subject IS NOT NULL);
CREATE INDEX audit_index_time ON read_model.audit_index USING btree (recorded_at, leaf);
CREATE INDEX audit_index_type_time ON read_model.audit_index USING btree (type, (recorded_at AT TIME ZONE 'UTC'::text), leaf);
CREATE UNIQUE INDEX audit_tree_pkey ON read_model.audit_tree USING btree (level, index);
CREATE UNIQUE INDEX erased_meanwhile_pkey ON read_model.erased_meanwhile USING btree (name, version, person);
CREATE INDEX erasures_newest ON read_model.erasures USING btree (changed_at DESC, id);
CREATE UNIQUE INDEX erasures_pkey ON read_model.erasures USING btree (id);
CREATE UNIQUE INDEX minute_marks_pkey ON read_model.minute_marks USING btree (minute);
CREATE INDEX parked_events_event ON read_model.parked_events USING btree (event_id);
CREATE INDEX parked_events_person ON read_model.parked_events USING btree (name, version, person, "position");
CREATE UNIQUE INDEX parked_events_pkey ON read_model.parked_events USING btree (name, version, "position");
CREATE UNIQUE INDEX projections_one_live ON read_model.projections USING btree (name) WHERE (state = 'live'::text);
CREATE UNIQUE INDEX projections_pkey ON read_model.projections USING btree (name, version);
CREATE UNIQUE INDEX user_counts_pkey ON read_model.user_counts USING btree (role, status);
CREATE INDEX user_directory_created_at ON read_model.user_directory USING btree (created_at, id) WHERE (status <> 'erased'::text);
CREATE INDEX user_directory_email ON read_model.user_directory USING btree (email, id) WHERE (status <> 'erased'::text);
CREATE INDEX user_directory_email_canonical ON read_model.user_directory USING btree (email_canonical);
CREATE INDEX user_directory_last_login ON read_model.user_directory USING btree (COALESCE(last_login, 'infinity'::timestamp with time zone), id) WHERE (status <> 'erased'::text);
CREATE INDEX user_directory_last_login_newest ON read_model.user_directory USING btree (COALESCE(last_login, '-infinity'::timestamp with time zone), id) WHERE (status <> 'erased'::text);
CREATE INDEX user_directory_name ON read_model.user_directory USING btree (name, id) WHERE (status <> 'erased'::text);
CREATE UNIQUE INDEX user_directory_pkey ON read_model.user_directory USING btree (id);
CREATE INDEX user_directory_role ON read_model.user_directory USING btree (role, created_at, id) WHERE (status <> 'erased'::text);
CREATE INDEX user_directory_search ON read_model.user_directory USING gin (search public.gin_trgm_ops) WITH (gin_pending_list_limit='256');
CREATE INDEX user_directory_search_bytes ON read_model.user_directory USING gin (read_model.search_bytes(search) public.gin_trgm_ops) WITH (gin_pending_list_limit='256') WHERE (octet_length(search) <> char_length(search));
CREATE INDEX user_directory_search_starts ON read_model.user_directory USING gin (search_starts) WITH (gin_pending_list_limit='256');
CREATE INDEX user_directory_status ON read_model.user_directory USING btree (status, created_at, id);
CREATE INDEX user_directory_updated_at ON read_model.user_directory USING btree (updated_at, id) WHERE (status <> 'erased'::text);
CREATE INDEX user_directory_username ON read_model.user_directory USING btree (username, id) WHERE (status <> 'erased'::text);
CREATE UNIQUE INDEX user_session_endings_pkey ON read_model.user_session_endings USING btree (user_id);
CREATE UNIQUE INDEX user_sessions_pkey ON read_model.user_sessions USING btree (id);
CREATE INDEX user_sessions_user ON read_model.user_sessions USING btree (user_id, started_at, id);
CREATE INDEX request_counts_ends_at ON working.request_counts USING btree (ends_at);
CREATE UNIQUE INDEX request_counts_pkey ON working.request_counts USING btree (name);

CREATE STATISTICS read_model.audit_index_who_what (mcv) ON type, COALESCE(actor_id, actor_kind) FROM read_model.audit_index sampled 1000;

CREATE OR REPLACE FUNCTION command.take_credential_slot(p_kind text, p_subject text, p_address text, p_most integer, p_growing boolean, OUT wait_seconds integer, OUT counted_address text)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
declare
  t timestamptz;
  account command.credential_counts;
  source command.credential_counts;
begin
  wait_seconds := 0;
  counted_address := case when exists (
      select from command.known_addresses k
      where k.subject = p_subject and k.address = p_address and k.last_at > now() - interval '30 days'
    ) then p_address else '' end;
  if p_subject <> '' then
    insert into command.credential_counts (kind, subject, address) values (p_kind, p_subject, counted_address)
    on conflict do nothing;
    select * into account from command.credential_counts c
    where c.kind = p_kind and c.subject = p_subject and c.address = counted_address for update;
  end if;
  insert into command.credential_counts (kind, subject, address) values (p_kind, '', p_address) on conflict do nothing;
  select * into source from command.credential_counts c
  where c.kind = p_kind and c.subject = '' and c.address = p_address for update;

  t := clock_timestamp();
  if account.window_start <= t - interval '1 hour' then
    account.window_start := t;
    account.taken := 0;
  end if;
  if source.window_start <= t - interval '1 hour' then
    source.window_start := t;
    source.taken := 0;
    source.in_a_row := 0;
    source.blocked_until := null;
  end if;

  if p_growing and counted_address = '' and account.in_a_row >= 100 then
    wait_seconds := 900;
  elsif account.blocked_until > t then
    wait_seconds := ceil(extract(epoch from account.blocked_until - t));
  elsif p_growing and counted_address = '' and source.blocked_until > t then
    wait_seconds := ceil(extract(epoch from source.blocked_until - t));
  elsif account.taken >= p_most then
    wait_seconds := greatest(1, ceil(extract(epoch from account.window_start + interval '1 hour' - t)));
  elsif counted_address = '' and source.taken >= p_most * 10 then
    wait_seconds := greatest(1, ceil(extract(epoch from source.window_start + interval '1 hour' - t)));
  else
    if p_subject <> '' then
      account.in_a_row := account.in_a_row + 1;
      update command.credential_counts c
      set window_start = account.window_start,
          taken = account.taken + 1,
          in_a_row = account.in_a_row,
          blocked_until = case when p_growing and account.in_a_row >= 5
            then t + make_interval(secs => least(900, power(2, least(account.in_a_row - 5, 10)))) end
      where c.kind = p_kind and c.subject = p_subject and c.address = counted_address;
    end if;
    update command.credential_counts c
    set window_start = source.window_start,
        taken = source.taken + 1,
        in_a_row = source.in_a_row,
        blocked_until = source.blocked_until
    where c.kind = p_kind and c.subject = '' and c.address = p_address;
  end if;
  if wait_seconds > 0 and p_growing and p_subject <> '' then
    insert into command.refused_sign_ins as r (subject, window_start, count)
    values (p_subject, date_trunc('hour', t, 'UTC'), 1)
    on conflict (subject, window_start) do update set count = r.count + 1;
  end if;
end;
$function$
;
CREATE OR REPLACE FUNCTION event_log.append_batch(batch jsonb)
 RETURNS TABLE(outcome text, revision bigint, "position" bigint)
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_bitmapscan TO 'off'
AS $function$
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
$function$
;
CREATE OR REPLACE FUNCTION event_log.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'A stored event is never changed' using errcode = 'restrict_violation';
end
$function$
;
CREATE OR REPLACE FUNCTION keys.guard_person_key()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'UPDATE' and old.wrapped is not null and new.subject = old.subject and new.key_id = old.key_id then
    return new;
  end if;
  raise exception 'A tombstone is never replaced, and no key is replaced by another' using errcode = 'restrict_violation';
end
$function$
;
CREATE OR REPLACE FUNCTION read_model.search_bytes(value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN encode((replace(value, '\'::text, '\\'::text))::bytea, 'hex'::text)
;

CREATE TRIGGER events_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON event_log.events FOR EACH STATEMENT EXECUTE FUNCTION event_log.refuse_change();
CREATE TRIGGER person_keys_are_guarded BEFORE DELETE OR UPDATE ON keys.person_keys FOR EACH ROW EXECUTE FUNCTION keys.guard_person_key();

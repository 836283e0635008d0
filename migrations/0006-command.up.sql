-- Answers to keyed commands, kept for a day. A shortcut: what a command did stands in the log.
create schema command;

create table command.stored_answers (
  -- HMAC over caller, method, path and Idempotency-Key (for strangers the body too)
  scope       text primary key,
  -- HMAC of the body: another body under the same key is refused
  body_mac    text not null,
  state       text not null check (state in ('running', 'done')),
  -- a running command that does not finish by then was killed; the next one with the same key goes on
  lease_until timestamptz(3) not null,
  -- which execution runs it: one that outlived its lease can neither end nor overwrite its successor's
  execution   uuid not null,
  -- the person whose key the answer is sealed under
  subject     uuid,
  key_id      text,
  nonce       bytea,
  ciphertext  bytea,
  created_at  timestamptz(3) not null default now()
);

create index stored_answers_created_at on command.stored_answers (created_at);
create index stored_answers_subject on command.stored_answers (subject);

-- The keys that make personal data readable. Not a shape of the log: has a backup of its own.

create schema keys;

create table keys.person_keys (
  -- A person's UUID, or day-YYYY-MM-DD.
  subject text collate "C" primary key,
  -- null only on the tombstone of a subject that never had a key here.
  key_id text,
  -- The key under the master key master_key_id: nonce (12 bytes), ciphertext, tag (16 bytes). null: a tombstone.
  wrapped bytea,
  master_key_id text,
  -- Of the event that ordered the destruction; null for a day's key.
  destroyed_position text,
  check ((wrapped is null) = (master_key_id is null)),
  check (wrapped is null or (key_id is not null and destroyed_position is null))
);

-- A tombstone stays for ever, and a key is never exchanged for another one.
create function keys.guard_person_key() returns trigger
language plpgsql
as $$
begin
  if tg_op = 'UPDATE' and old.wrapped is not null and new.subject = old.subject and new.key_id = old.key_id then
    return new;
  end if;
  raise exception 'A tombstone is never replaced, and no key is replaced by another' using errcode = 'restrict_violation';
end
$$;

create trigger person_keys_are_guarded
before update or delete on keys.person_keys
for each row execute function keys.guard_person_key();

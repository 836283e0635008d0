-- People's pictures, unless PICTURE_STORE_URL names another store. Not a shape of the log: in the ordinary backup.
create schema pictures;

create table pictures.pictures (
  owner uuid not null,
  -- Named by the event PictureSet; never used again.
  id uuid not null,
  -- Under the owner's key: nonce (12 bytes), ciphertext, tag (16 bytes).
  sealed bytea not null,
  stored_at timestamptz(3) not null default now(),
  primary key (owner, id)
);

-- Ciphertext does not get smaller.
alter table pictures.pictures alter column sealed set storage external;

alter table read_model.user_directory add column picture jsonb;

comment on column read_model.user_directory.picture is 'Which stored picture is the current one (id, type, digest), or null.';

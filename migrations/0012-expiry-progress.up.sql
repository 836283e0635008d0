-- How far command-api has looked for registrations that nobody verified in time. It may be lost: then all are looked at.
create table command.expiry_progress (
  log_id   text primary key,
  -- everything up to here was looked at after its time was over
  position text collate "C" not null
);

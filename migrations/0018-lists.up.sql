-- For searching inside words. PostgreSQL's own extension; whoever owns the database may create it.
create extension if not exists pg_trgm with schema public;

alter table read_model.user_directory add column search text collate "C";

comment on column read_model.user_directory.search is 'Username, display name and address, each on a line that begins with a line feed, folded as a search is; null once erased.';

-- As the projector folds, but that lower() here may leave letters beyond ASCII: those wait for the person's next event.
update read_model.user_directory
  set search = lower(normalize(E'\n' || concat_ws(E'\n', username, name, email), nfkc))
  where status <> 'erased';

create index user_directory_search on read_model.user_directory using gin (search gin_trgm_ops)
  with (gin_pending_list_limit = 256);

create table read_model.user_counts (
  role text not null,
  status text not null,
  people bigint not null,
  primary key (role, status)
) with (fillfactor = 50);

comment on table read_model.user_counts is 'How many people of each role and state; changed in the transaction that changes their rows.';

insert into read_model.user_counts (role, status, people)
  select role, status, count(*) from read_model.user_directory group by role, status;

-- A list shows the erased only where it asks for nobody else, so the orders leave them out.
drop index read_model.user_directory_username, read_model.user_directory_email, read_model.user_directory_name,
  read_model.user_directory_created_at, read_model.user_directory_updated_at, read_model.user_directory_last_login,
  read_model.user_directory_role;
create index user_directory_username on read_model.user_directory (username, id) where status <> 'erased';
create index user_directory_email on read_model.user_directory (email, id) where status <> 'erased';
create index user_directory_name on read_model.user_directory (name, id) where status <> 'erased';
create index user_directory_created_at on read_model.user_directory (created_at, id) where status <> 'erased';
create index user_directory_updated_at on read_model.user_directory (updated_at, id) where status <> 'erased';
create index user_directory_role on read_model.user_directory (role, created_at, id) where status <> 'erased';
-- Whoever never signed in comes last in both orders: one index each, so that a page is one range of one index.
create index user_directory_last_login on read_model.user_directory
  (coalesce(last_login, 'infinity'::timestamptz), id) where status <> 'erased';
create index user_directory_last_login_newest on read_model.user_directory
  (coalesce(last_login, '-infinity'::timestamptz), id) where status <> 'erased';

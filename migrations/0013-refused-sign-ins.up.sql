-- Sign-ins that made no event of their own: refused, or failed beyond the most that are recorded one by one. One event
-- an hour and person says how many, and takes the row away. Names that nobody has are counted alike, so that an answer
-- takes as long for them, and are thrown away.
create table command.refused_sign_ins (
  -- As in credential_counts.
  subject      text not null,
  -- A full hour.
  window_start timestamptz(3) not null,
  count        bigint not null,
  primary key (subject, window_start)
);

create index refused_sign_ins_window_start on command.refused_sign_ins (window_start);

-- Of an address (subject empty), in_a_row counts the sign-ins that failed within its hour, whatever succeeded in between.

-- Takes a place for one attempt, for the account and for the address, or for neither: in one statement, so that many
-- attempts at once get no more places than there are. Gives the seconds to wait (0: taken), and which row of the account
-- was counted. The rows are always locked in the same order: account, then address, then what was refused. Whoever signed
-- in from the address lately does not wait for what others fail there.
create or replace function command.take_credential_slot(
  p_kind text, p_subject text, p_address text, p_most integer, p_growing boolean,
  out wait_seconds integer, out counted_address text
) language plpgsql as $$
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
$$;

-- The mailer's working table: which mails were asked for and what became of each. It may be lost; the log is the truth.

create schema mailer;

create table mailer.deliveries (
  event_id uuid primary key,
  -- null once the person is erased.
  user_id uuid,
  kind text not null check (kind in ('verify-email', 'address-in-use')),
  status text not null default 'waiting' check (status in ('waiting', 'sent', 'expired', 'dropped', 'dead')),
  attempts integer not null default 0,
  -- While it waits: not before this time. During an attempt: the end of the attempt's lease.
  due_at timestamptz not null default now(),
  -- Raised by every attempt, so that one whose lease ran out cannot write over its successor.
  fence bigint not null default 0,
  -- Why the last attempt failed, or why it was not sent: a word or an SMTP code, never a value.
  reason text,
  -- As the feed gave it, its personal part sealed; null when nothing more is to be done with it.
  message jsonb,
  received_at timestamptz not null default now(),
  done_at timestamptz,
  check ((status = 'waiting') = (message is not null and done_at is null))
);

create index deliveries_due on mailer.deliveries (due_at) where status = 'waiting';
create index deliveries_of_person on mailer.deliveries (user_id);

create table read_model.erasures (
  id uuid primary key,
  status text not null check (status in ('requested', 'confirmed', 'erased', 'cancelled')),
  requested_at timestamptz(3),
  confirmed_at timestamptz(3),
  cancelled_at timestamptz(3),
  erased_at timestamptz(3),
  changed_at timestamptz(3) not null,
  receipt jsonb
);

comment on table read_model.erasures is 'Who asked to be erased or was: bare ids, no personal value. An expired registration is not here.';
comment on column read_model.erasures.receipt is 'Signed; null until the key is destroyed.';

create index erasures_newest on read_model.erasures (changed_at desc, id);

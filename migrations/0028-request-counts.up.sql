-- How many requests somebody has sent in their hour, of all instances together. A working table: each instance counts in
-- its memory and adds to it now and then, so it may be lost, and no crash waits for its log. Nobody learns from a name whose
-- it is: all are keyed digests.
create schema working;

create unlogged table working.request_counts (
  name text primary key,
  count bigint not null,
  -- Of the hour that is counted; then the row counts no more, and is removed.
  ends_at timestamptz not null
) with (fillfactor = 50);

create index request_counts_ends_at on working.request_counts (ends_at);

alter table read_model.projections add column other_log_at timestamptz(3);

comment on column read_model.projections.other_log_at is
  'Since when the follower finds that the log does not hold its position: another log, or an older backup. Null: it does.';

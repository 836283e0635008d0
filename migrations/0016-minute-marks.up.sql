create table read_model.minute_marks (
  minute timestamptz(3) primary key,
  log_id text not null,
  position text collate "C" not null,
  marked_at timestamptz(3) not null
);

comment on table read_model.minute_marks is 'Where the log ended, minute by minute: whoever follows only what is new begins at one of these.';
comment on column read_model.minute_marks.position is 'The log''s end, read before marked_at: whatever was written after marked_at stands after it.';

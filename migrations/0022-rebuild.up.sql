create table read_model.erased_meanwhile (
  name text not null,
  version integer not null,
  person uuid not null,
  position text collate "C" not null,
  forgotten boolean not null default false,
  primary key (name, version, person),
  foreign key (name, version) references read_model.projections on delete cascade
);

comment on table read_model.erased_meanwhile is 'Who was erased while a version of a read model is being built that has not come to their erasure in the log. Bare ids.';
comment on column read_model.erased_meanwhile.position is 'Of the erasure: a version that has come so far knows it from the log.';
comment on column read_model.erased_meanwhile.forgotten is 'True once nothing personal of theirs is left in that version.';

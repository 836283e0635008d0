drop index read_model.audit_index_actor_time, read_model.audit_index_actor_type, read_model.audit_index_subject_time,
  read_model.audit_index_subject_type, read_model.audit_index_type_time, read_model.audit_index_causation;

create index audit_index_actor on read_model.audit_index (actor_id, leaf) where actor_id is not null;
create index audit_index_subject on read_model.audit_index (subject, leaf) where subject is not null;
create index audit_index_type on read_model.audit_index (type, leaf);

-- The trail is read the newest first, by time and then by place in the log: then every filter together with a span of
-- time is one range of an index. Whoever has no id acts by their kind (system, anonymous). The time stands here as an
-- expression of its own, so that the planner cannot walk audit_index_time instead and hope to meet what is asked for.
drop index read_model.audit_index_actor, read_model.audit_index_subject, read_model.audit_index_type;

create index audit_index_actor_time on read_model.audit_index (coalesce(actor_id, actor_kind), (recorded_at at time zone 'UTC'), leaf);
create index audit_index_actor_type on read_model.audit_index (coalesce(actor_id, actor_kind), type, (recorded_at at time zone 'UTC'), leaf);
create index audit_index_subject_time on read_model.audit_index (subject, (recorded_at at time zone 'UTC'), leaf) where subject is not null;
create index audit_index_subject_type on read_model.audit_index (subject, type, (recorded_at at time zone 'UTC'), leaf) where subject is not null;
create index audit_index_type_time on read_model.audit_index (type, (recorded_at at time zone 'UTC'), leaf);
create index audit_index_causation on read_model.audit_index (causation_id) where causation_id is not null;

-- What kinds of things somebody does: without it the planner takes actor and type for independent, and reads all events of
-- a type in vain for somebody who never did it.
create statistics read_model.audit_index_who_what (mcv) on (coalesce(actor_id, actor_kind)), type from read_model.audit_index;
alter statistics read_model.audit_index_who_what set statistics 1000;

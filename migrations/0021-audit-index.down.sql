drop table read_model.audit_tree;
drop table read_model.audit_index;
delete from read_model.projections where name = 'audit_index';

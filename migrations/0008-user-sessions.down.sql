drop table read_model.user_session_endings;
drop table read_model.user_sessions;
delete from read_model.projections where name = 'user_sessions';

alter table read_model.user_sessions
  alter column address set statistics -1,
  alter column user_agent set statistics -1;

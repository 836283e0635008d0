-- PostgreSQL keeps samples of a column's values for its planner, and of a table that is empty now the last ones for ever.
-- Nothing is ever looked up by these two.
alter table read_model.user_sessions
  alter column address set statistics 0,
  alter column user_agent set statistics 0;

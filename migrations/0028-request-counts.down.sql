drop table working.request_counts;
drop schema working;

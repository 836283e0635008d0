drop table read_model.erasures;
delete from read_model.projections where name = 'erasures';

drop schema query cascade;
drop table read_model.api_key_erased_people;
drop table read_model.api_keys;
delete from read_model.projections where name = 'api_keys';

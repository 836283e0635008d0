drop table read_model.erased_meanwhile;

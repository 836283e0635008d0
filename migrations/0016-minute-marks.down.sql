drop table read_model.minute_marks;

drop table command.expiry_progress;

drop function command.take_credential_slot;
drop table command.known_addresses;
drop table command.credential_counts;

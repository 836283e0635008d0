drop table mailer.redrives;
drop table mailer.unread_letters;
drop index mailer.deliveries_ended;
alter table mailer.deliveries drop column type, drop column held_until;
drop index read_model.parked_events_event;
alter table read_model.parked_events drop column tried_at;

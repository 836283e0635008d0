-- Of several mails of one event, the one that carries a link stays.
delete from mailer.deliveries d using mailer.deliveries other
 where other.event_id = d.event_id and other.kind < d.kind;
alter table mailer.deliveries drop constraint deliveries_pkey;
alter table mailer.deliveries add constraint deliveries_pkey primary key (event_id);

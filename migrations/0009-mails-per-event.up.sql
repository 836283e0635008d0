-- One event may ask for several mails: one of each kind.
alter table mailer.deliveries drop constraint deliveries_pkey;
alter table mailer.deliveries add constraint deliveries_pkey primary key (event_id, kind);

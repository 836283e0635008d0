delete from mailer.deliveries where kind not in ('verify-email', 'address-in-use');
alter table mailer.deliveries add constraint deliveries_kind_check check (kind in ('verify-email', 'address-in-use'));

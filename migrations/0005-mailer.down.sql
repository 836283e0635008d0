drop schema mailer cascade;

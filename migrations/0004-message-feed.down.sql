drop schema message_feed cascade;

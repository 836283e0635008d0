drop schema event_log cascade;

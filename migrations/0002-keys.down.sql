drop schema keys cascade;

drop schema command cascade;

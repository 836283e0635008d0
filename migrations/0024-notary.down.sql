drop schema notary cascade;

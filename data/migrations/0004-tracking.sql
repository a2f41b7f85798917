-- Keys of signed tokens; the newest signs, the older ones verify.
create table token_key (
  id $identity,
  secret bytea not null,
  created_at bigint not null
);

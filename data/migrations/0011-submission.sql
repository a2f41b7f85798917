-- Mail that programs hand in one by one (receipts, passwords), over authenticated SMTP.

-- Who may hand in. The secret itself is kept nowhere.
create table submission_key (
  id $identity,
  name text not null unique,       -- the user name
  digest bytea not null,           -- BLAKE2b-256 of the secret
  domains text not null,           -- senders' domains, A-labels, separated by blanks
  per_minute bigint not null,      -- recipients; 0: no limit
  per_hour bigint not null,
  created_at bigint not null,
  revoked_at bigint
);

-- A mail handed in. The queue and the signed tokens know it as campaign 2^40 + id. open_recipients: without a final
-- outcome; at 0 the content is forgotten.
create table submission (
  id $identity,
  key bigint not null,
  sender text not null,            -- MAIL FROM as given
  return_domain text not null,     -- of the signed return path
  message_id text not null,
  content bytea not null,
  size bigint not null,
  smtputf8 bigint not null,
  eight_bit bigint not null,
  recipients bigint not null,
  open_recipients bigint not null,
  received_at bigint not null,
  finished_at bigint
);
create index submission_key_time on submission (key, received_at);

create table submission_recipient (
  submission bigint not null,
  contact bigint not null,
  address text not null,           -- as handed in
  primary key (submission, contact)
);

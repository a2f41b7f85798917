-- The stop policy as people set it, in versions: each is the whole set of rules, the newest holds. Without one the
-- settings' defaults hold. Nothing here is ever changed or removed.
create table policy_version (
  id $identity,
  at bigint not null,
  author text not null,
  note text not null
);
create table policy_rule (
  version bigint not null references policy_version (id),
  cause text not null,             -- bounce::Reason, or a kind: hard, mailbox
  receiver text not null,          -- a provider's name or a domain; '' for all
  errors bigint not null,          -- in a row; 0: never
  days bigint not null,            -- from the first error of the row to the last, at least
  reset_on_open bigint not null,
  primary key (version, cause, receiver)
);

-- When the row of errors began; of older rows only the last error is known.
alter table contact_error add column first_at bigint;
update contact_error set first_at = at;

-- What decided a stop: the rule in words of the command line, and the version it stood in (0: the defaults).
alter table stop add column rule text not null default '';
alter table stop add column policy_version bigint not null default 0;

create index bounce_contact on bounce (contact) where contact is not null;

-- One mail sent to a stopped address to find out whether it works again. result: 'released', 'failed', 'dropped' (the
-- stop went another way meanwhile), '' while it is open.
create table stop_test (
  id $identity,
  stop bigint not null,
  contact bigint not null,
  campaign bigint not null,        -- by which queue, outcomes and bounces know the mail
  asked_at bigint not null,
  accepted_at bigint,
  decided_at bigint,
  result text not null,
  reply text not null
);
create index stop_test_contact on stop_test (contact, asked_at);
create index stop_test_open on stop_test (id) where decided_at is null;

-- Domains of stopped readers that may be gone: asked in DNS once a day until it is certain.
create table domain_watch (
  domain text primary key,         -- A-labels, lower case
  state text not null check (state in ('suspected', 'dead', 'alive')),
  dead_days bigint not null,       -- in a row on which DNS said so
  answer text not null,            -- the last one in a word
  since bigint not null,           -- of the state
  checked_at bigint,
  next_check_at bigint not null
);
create index domain_watch_due on domain_watch (next_check_at);

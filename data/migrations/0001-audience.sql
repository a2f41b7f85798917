-- Contacts, lists, consent, stops and suppressions. Times are milliseconds since 1970, UTC.

create table contact (
  id $identity,
  address text not null,             -- as typed, and as shown
  address_key text not null unique,  -- mail::Address::match_key(): one for all spellings of one mailbox
  domain text not null,              -- A-label, lower case
  name text not null default '',
  fields jsonb not null default '{}',  -- object of texts
  state text not null default 'active'
    check (state in ('active', 'unconfirmed', 'unsubscribed', 'stopped', 'suppressed')),
  consent text,                      -- basis, null where none is known: not to be sent to
  consent_at bigint,
  created_at bigint not null,
  changed_at bigint not null
);

create table list (
  id $identity,
  name text not null unique,
  created_at bigint not null
);

-- No foreign keys here: they would be looked up for each row of an import. Who deletes a contact or a list deletes these too.
create table list_member (
  list bigint not null,
  contact bigint not null,
  primary key (list, contact)
);

-- Refusals that outlive the contact: a later import or sign-up of the address finds them here.
create table suppression (
  address_key text primary key,
  reason text not null,              -- unsubscribed, complaint, operator
  note text not null default '',
  at bigint not null
);

-- Errors in a row that are the fault of the address, by kind, gone with the next delivery.
create table contact_error (
  contact bigint not null references contact (id) on delete cascade,
  kind text not null,                -- bounce::Reason
  errors bigint not null,
  campaign bigint,                   -- of the last one: a campaign counts once
  at bigint not null,
  primary key (contact, kind)
);

create table stop (
  id $identity,
  contact bigint not null references contact (id) on delete cascade,
  reason text not null,              -- bounce::Reason
  errors bigint not null,            -- the count that reached the limit
  campaign bigint,
  reply text not null default '',    -- what the server said
  state_before text not null,        -- of the contact, which a release gives back
  at bigint not null,
  released_at bigint,
  release_note text
);
create index stop_contact on stop (contact);
create index stop_open on stop (reason) where released_at is null;

-- One row for each file imported, so that the same file goes on where a killed import was.
create table contact_import (
  id $identity,
  identity text not null unique,     -- of content, list and options
  file text not null,
  list bigint not null references list (id) on delete cascade,
  consent text,
  state text not null check (state in ('running', 'done')),
  records bigint not null default 0,   -- data records whose outcome is stored
  created bigint not null default 0,   -- contacts made
  changed bigint not null default 0,   -- contacts there before that got new values
  joined bigint not null default 0,    -- memberships of the list made
  refused bigint not null default 0,   -- rows whose contact is unsubscribed, stopped or suppressed, and stays so
  started_at bigint not null,
  ended_at bigint
);

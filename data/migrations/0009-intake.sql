-- What came in about sent mails by any road: bounces, complaints, refusals by mail, relays' words.

-- key: of road, place and identity, or of the content; the same thing again finds it there. state: 'joined' (about a mail
-- of ours), 'refusal' (sent to the unsubscribe address), 'reply' (of a person), 'foreign' (about a mail that we did not
-- send), 'aside' (an automatic answer or notice that names no mail), 'dead' (could not be read; `problem` says why).
create table intake (
  id $identity,
  key bytea not null unique,
  road text not null,              -- intake::Road
  place text not null,
  identity text not null,
  state text not null check (state in ('joined', 'refusal', 'reply', 'foreign', 'aside', 'dead')),
  kind text not null,              -- bounce::Kind
  format text not null,
  problem text not null,
  found_by text not null,          -- intake::FoundBy
  campaign bigint,
  contact bigint,
  forged bigint not null,          -- 1: an address that looks like ours, with a wrong signature
  sender text not null,            -- envelope and peer, where known
  recipient text not null,
  peer text not null,
  subject text not null,
  size bigint not null,            -- of the whole thing in bytes
  at bigint not null
);
create index intake_at on intake (at);
create index intake_contact on intake (contact) where contact is not null;
create index intake_state on intake (state, id) where state <> 'joined';

-- What came, as it came; gone once its time of keeping is over.
create table intake_original (
  intake bigint primary key,
  content bytea not null,          -- gzip
  at bigint not null
);
create index intake_original_at on intake_original (at);

-- What a notice says of each recipient it names.
create table bounce (
  intake bigint not null,
  number bigint not null,          -- from 1, in the notice's order
  campaign bigint,                 -- of the mail it was joined to
  contact bigint,
  address text not null,           -- as the mail system wrote it
  reason text not null,            -- bounce::Reason
  permanent bigint not null,
  status text not null,
  reply_code bigint not null,      -- 0: none
  remote text not null,
  provider text not null,
  diagnostic text not null,
  at bigint not null,
  primary key (intake, number)
);
create index bounce_mail on bounce (campaign, contact) where campaign is not null;

-- An acceptance in the session is no delivery yet where a bounce follows: what errors it set back is remembered by the
-- campaign that did so, and a bounce of that very campaign takes it back.
alter table contact_error add column cleared_by bigint;

-- Remedies that act: corrected addresses, mails sent again, the public status check, notices to the operator's systems.

-- A campaign's mail laid down again for some of its readers. What became of it stands in outcome, in batches with numbers
-- above after_batch; the first outcome stays where it is. via: the campaign that carries it where the mail itself had to be
-- changed (parts of a split mail).
create table resend (
  id $identity,
  campaign bigint not null,
  cause text not null,             -- bounce::Reason, or 'corrected'
  after_batch bigint not null,
  recipients bigint not null,
  via bigint,
  at bigint not null
);
create index resend_campaign on resend (campaign);
create table resend_recipient (
  campaign bigint not null,
  contact bigint not null,
  resend bigint not null,
  primary key (campaign, contact, resend)
);

-- Keys with which member sites sign questions about their users' addresses.
create table status_check_key (
  id $identity,
  name text not null unique,
  origin text not null,            -- of the member site: "https://member.example"
  secret bytea not null,
  created_at bigint not null,
  revoked_at bigint
);

-- The operator's systems that hear of stops, releases and unsubscriptions; `name` as in the settings. What is not in the
-- settings any more is not active. sent, sent_at, problem: for people.
create table notify_target (
  id $identity,
  name text not null unique,
  active bigint not null,
  created_at bigint not null,
  sent bigint not null default 0,
  sent_at bigint,
  problem text not null default ''
);

-- What they have not taken yet, in the order in which it happened: written with the change of state itself, by the trigger
-- below. place: 'waiting', or 'dead' after too many tries. due_at: when it is tried next, or the end of a lease.
create table notice (
  id $identity,
  target bigint not null,
  contact bigint not null,
  address text not null,           -- as it was then
  state text not null,             -- new state of the contact
  state_before text not null,
  reason text not null,            -- of a stop and its release: bounce::Reason; of a refusal: that of its suppression
  stop bigint,
  campaign bigint,
  at bigint not null,
  place text not null default 'waiting' check (place in ('waiting', 'dead')),
  tries bigint not null default 0,
  due_at bigint not null default 0,
  problem text not null default ''
);
create index notice_waiting on notice (target, contact, id) where place = 'waiting';
create index notice_due on notice (due_at, id) where place = 'waiting';

-- The newest stop is the one that a state 'stopped' comes from, and the one that a release ends.
--$sqlite create trigger contact_state_notice after update of state on contact when old.state <> new.state begin
--$sqlite   insert into notice (target, contact, address, state, state_before, reason, stop, campaign, at)
--$sqlite   select t.id, new.id, new.address, new.state, old.state, coalesce(s.reason, p.reason, ''), s.id, s.campaign, new.changed_at
--$sqlite   from notify_target t
--$sqlite   left join stop s on s.id = (select max(o.id) from stop o where o.contact = new.id)
--$sqlite     and (new.state = 'stopped' or old.state = 'stopped' and new.state in ('active', 'unconfirmed'))
--$sqlite   left join suppression p on p.address_key = new.address_key and new.state in ('unsubscribed', 'suppressed')
--$sqlite   where t.active = 1;
--$sqlite end;
--$postgres create function contact_state_notice() returns trigger language plpgsql as 'begin insert into notice (target, contact, address, state, state_before, reason, stop, campaign, at) select t.id, new.id, new.address, new.state, old.state, coalesce(s.reason, p.reason, ''''), s.id, s.campaign, new.changed_at from notify_target t left join stop s on s.id = (select max(o.id) from stop o where o.contact = new.id) and (new.state = ''stopped'' or old.state = ''stopped'' and new.state in (''active'', ''unconfirmed'')) left join suppression p on p.address_key = new.address_key and new.state in (''unsubscribed'', ''suppressed'') where t.active = 1; return null; end';
--$postgres create trigger contact_state_notice after update of state on contact for each row
--$postgres   when (old.state is distinct from new.state) execute function contact_state_notice();

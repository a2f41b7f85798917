-- Mail in our name from elsewhere: DMARC reports, and what bounces and complaints tell of mails that we did not send.

-- 'report' joins the states of what came in: the column is made anew, since a check cannot be widened on both engines.
drop index intake_state;
alter table intake add column state_with_reports text not null default 'dead'
  check (state_with_reports in ('joined', 'refusal', 'reply', 'foreign', 'aside', 'report', 'dead'));
update intake set state_with_reports = state;
alter table intake drop column state;
alter table intake rename column state_with_reports to state;
create index intake_state on intake (state, id) where state <> 'joined';

-- Each report once, by whatever roads it comes.
create table dmarc_report (
  id $identity,
  organisation text not null,      -- the receiver that wrote it
  report text not null,            -- its name for it
  domain text not null,            -- A-labels, lower case
  email text not null,
  begin_at bigint not null,
  end_at bigint not null,
  policy text not null,            -- p, sp and pct of the domain's record, as the receiver saw it
  sub_policy text not null,
  percent bigint not null,
  row_count bigint not null,
  mails bigint not null,
  problem text not null,           -- why it is not whole; empty: it is
  intake bigint,                   -- the mail that brought it; null: a file
  at bigint not null,
  unique (organisation, report, domain)
);
create index dmarc_report_domain on dmarc_report (domain, begin_at);

-- Mails in a domain's name by the address that sent them, a day. spring: 'dmarc', 'bounce', 'complaint'.
create table spoofing_source (
  domain text not null,
  day bigint not null,             -- since 1970, UTC
  address text not null,           -- empty: not known, or those beyond the most that are kept of a report
  spring text not null,
  signed bigint not null,          -- 1: DKIM passed by a key of ours
  dkim bigint not null,            -- 1: DKIM, SPF passed in the domain's own name
  spf bigint not null,
  disposition text not null,       -- none, quarantine, reject; empty: not told
  excuse text not null,            -- why the receiver did not follow the policy: forwarded, mailing_list …
  mails bigint not null,
  primary key (domain, day, address, spring, signed, dkim, spf, disposition, excuse)
);
create index spoofing_source_day on spoofing_source (day);

-- Names of those addresses (PTR); empty: it has none.
create table source_host (
  address text primary key,
  name text not null,
  looked_at bigint not null
);

-- Days with more than usual. kind: 'elsewhere' (not aligned), 'authorised' (aligned, from a place that we do not know).
create table spoofing_alert (
  id $identity,
  domain text not null,
  kind text not null,
  day bigint not null,
  mails bigint not null,
  usual double precision not null, -- mails a day before
  address text not null,           -- where most of them came from; empty: not known
  at bigint not null,
  acknowledged_at bigint,
  unique (domain, kind, day)
);

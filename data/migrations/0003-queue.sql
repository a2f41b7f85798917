-- What waits to be sent, in batches of contacts for one receiving site, and what became of each attempt.

-- Words that repeat (sites, hosts, reasons, statuses), so that a row carries a number. 0 stands for "".
create table word (
  id $identity,
  text text not null unique
);

-- What the queue knows of a campaign. recipients: all that were laid down. next_turn: see batch.turn.
create table queue_campaign (
  campaign bigint primary key,
  state bigint not null,         -- 0 running, 1 paused, 2 cancelled
  recipients bigint not null,
  next_turn bigint not null
);

-- state 0 ready; 1 timed: waits for due_at, which is the end of the lease if there is an owner; 2 held (paused, cancelled).
-- turn counts the batches of a campaign, starting at what the others had reached, so campaigns of one priority share.
create table batch (
  id $identity,
  campaign bigint not null,
  site bigint not null,
  attempt bigint not null,
  count bigint not null,
  due_at bigint not null,
  laid_at bigint not null,       -- when its recipients were first laid down; expiry counts from here
  state bigint not null,
  priority bigint not null,
  turn bigint not null,
  reason bigint not null,        -- why they were deferred the last time; 0 at the first attempt
  owner text,
  contacts bytea not null        -- ascending ids as varints of their differences
);
create index batch_ready on batch (priority desc, turn, id) where state = 0;
create index batch_timed on batch (due_at) where state = 1;
create index batch_campaign on batch (campaign);
create index batch_held on batch (campaign) where state = 2;
create index batch_deferred on batch (campaign, reason, count) where attempt > 1;
--$postgres alter table batch set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

-- Append-only. Its key lies where its batch's other rows lie, so a commit touches few pages, and it is what keeps a
-- contact from having two final outcomes in one batch.
create table outcome (
  campaign bigint not null,
  batch bigint not null,
  contact bigint not null,
  attempt bigint not null,
  result bigint not null,        -- queue::Result
  reason bigint not null,
  site bigint not null,
  remote bigint not null,
  stage bigint not null,
  status bigint not null,
  reply_code bigint not null,
  at bigint not null,
  text text not null,
  primary key (campaign, batch, contact, attempt)
--$sqlite ) without rowid;
--$postgres ) partition by hash (campaign);
--$postgres create table outcome_0 partition of outcome for values with (modulus 4, remainder 0);
--$postgres create table outcome_1 partition of outcome for values with (modulus 4, remainder 1);
--$postgres create table outcome_2 partition of outcome for values with (modulus 4, remainder 2);
--$postgres create table outcome_3 partition of outcome for values with (modulus 4, remainder 3);
create index outcome_trouble on outcome (contact) where result <> 0;

-- Sums over outcome, kept in the same transaction. shard: processes add to rows of their own; readers sum them up.
create table outcome_count (
  campaign bigint not null,
  result bigint not null,
  reason bigint not null,
  shard bigint not null,
  count bigint not null,
  primary key (campaign, result, reason, shard)
);
create table outcome_site_count (
  campaign bigint not null,
  site bigint not null,
  result bigint not null,
  shard bigint not null,
  count bigint not null,
  primary key (campaign, site, result, shard)
);

-- outcome with its words, for people and reports.
create view outcome_text as
  select o.campaign, o.batch, o.contact, o.attempt, o.result, coalesce(r.text, '') as reason, coalesce(s.text, '') as site,
    coalesce(m.text, '') as remote, coalesce(g.text, '') as stage, coalesce(t.text, '') as status, o.reply_code, o.at,
    o.text
  from outcome o
  left join word r on r.id = o.reason
  left join word s on s.id = o.site
  left join word m on m.id = o.remote
  left join word g on g.id = o.stage
  left join word t on t.id = o.status;

-- One mailing: what is sent, to whom, by whom, and how far it is. Who still waits is in the queue's tables.
create table campaign (
  id $identity,
  name text not null unique,
  list bigint not null references list (id),
  state text not null,             -- draft, sending, paused, cancelled, finished
  sender_name text not null,
  sender_address text not null,
  reply_to text not null,
  postal_address text not null,    -- legal footer: the sender's address and where complaints go
  contact text not null,
  bounce_domain text not null,
  public_url text not null,
  total bigint not null,           -- recipients laid down when sending began
  created_at bigint not null,
  started_at bigint,
  finished_at bigint
);

-- The template as it was when the campaign was made, so that what was sent can be rebuilt for any recipient.
create table campaign_file (
  campaign bigint not null references campaign (id),
  path text not null,              -- below the template's folder, with '/'
  content bytea not null,
  primary key (campaign, path)
);

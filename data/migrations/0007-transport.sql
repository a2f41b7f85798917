-- MTA-STS policies of receiving domains (RFC 8461): kept until they are too old, so that nobody in between can hide one.
create table sts_policy (
  domain text primary key,         -- A-labels, lower case
  policy_id text not null,         -- announced in DNS when it was fetched
  fetched_at bigint not null,
  policy text not null             -- as the web server gives it
);

-- What became of TLS towards each domain, a UTC day together (RFC 8460), until it is reported.
create table tls_policy (
  day bigint not null,             -- days since 1970
  domain text not null,
  kind text not null check (kind in ('tlsa', 'sts', 'no-policy-found')),
  policy text not null,            -- its "policy-string" and "mx-host" as JSON
  sessions bigint not null,        -- that went well
  primary key (day, domain, kind)
);
create table tls_failure (
  day bigint not null,
  domain text not null,
  kind text not null,
  result text not null,            -- result-type of RFC 8460 section 4.3
  mx text not null,
  address text not null,
  source text not null,
  detail text not null,
  sessions bigint not null,
  primary key (day, domain, kind, result, mx, address, source)
);
-- state: 'waiting' to be tried again, 'sent', 'unwanted' (the domain asks for no reports), 'failed' for good.
create table tls_report (
  day bigint not null,
  domain text not null,
  state text not null check (state in ('waiting', 'sent', 'unwanted', 'failed')),
  tries bigint not null,
  tried_at bigint not null,
  detail text not null,
  primary key (day, domain)
);

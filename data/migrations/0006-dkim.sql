-- Keys that sign mail (DKIM). The private halves are files in the data folder, dkim/DOMAIN/SELECTOR.pem.
create table dkim_key (
  id $identity,
  domain text not null,            -- A-labels, lower case
  selector text not null,
  algorithm text not null,         -- rsa-sha256, ed25519-sha256; at most one active key of each for a domain
  state text not null check (state in ('waiting', 'active', 'retired')),
  public_key text not null,        -- base64, as p= of the DNS record has it
  created_at bigint not null,
  active_at bigint,
  retired_at bigint,
  unique (domain, selector)
);

-- The guard against stopping living readers while their provider errs: what each site answers, and what was held back.

-- A minute of one site's outcomes. errors: permanent ones of the address, in the session; late: those that came as bounces.
create table site_minute (
  site text not null,
  minute bigint not null,          -- since 1970
  sent bigint not null,            -- mails that the session decided, errors among them
  errors bigint not null,
  late bigint not null,
  primary key (site, minute)
);
create index site_minute_age on site_minute (minute);
-- All of them since the beginning.
create table site_history (
  site text primary key,
  sent bigint not null,
  errors bigint not null
);

-- A leap of a site's errors far above its own history. Until ended_at its errors stop nobody; until hold_until nothing is
-- sent there.
create table outage (
  id $identity,
  site text not null,
  began_at bigint not null,
  noticed_at bigint not null,
  ended_at bigint,
  hold_until bigint not null,
  rest bigint not null,            -- ms of the last hold; the next one is longer
  sent bigint not null,            -- in the window in which it was noticed
  errors bigint not null,
  usual double precision not null, -- share of errors before
  decided_at bigint,
  decision text                    -- stop, drop
);
create index outage_open on outage (site) where ended_at is null;

-- A stop that is held for review belongs to an outage; its contact goes on being mailed until somebody decides.
alter table stop add column site text not null default '';
alter table stop add column outage bigint;
create index stop_outage on stop (outage) where outage is not null;
create index stop_site on stop (site, at) where released_at is null;

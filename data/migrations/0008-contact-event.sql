-- What happened to a contact and why, append-only. Its contact may be gone; what must outlive it is in suppression.
create table contact_event (
  id $identity,
  contact bigint not null,
  kind text not null,              -- unsubscribed
  cause text not null,             -- one_click, page
  campaign bigint,                 -- whose mail it came from
  at bigint not null
);
create index contact_event_contact on contact_event (contact);

-- Whose batches are leased until when, for whoever looks after leases that are not renewed any more.
create index batch_owned on batch (owner) where owner is not null;

-- How far a new source address has come at a receiver: the one account of all nodes that send from it.
create table source_warm_up (
  source text not null,
  receiver text not null,
  day bigint not null,             -- counted from 1970, UTC; the numbers below are that day's
  step bigint not null,            -- of the plan
  sent bigint not null,            -- mails that nodes have taken for themselves, and not given back
  answers bigint not null,
  slowed bigint not null,          -- answers that asked to slow down
  blocked bigint not null,
  primary key (source, receiver)
);

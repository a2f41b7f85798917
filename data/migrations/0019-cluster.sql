-- What several nodes on one database tell each other about the receivers they send to.

-- A process that sends. It is dead once alive_until has passed.
create table cluster_node (
  node text primary key,
  alive_until bigint not null
);
-- One row: who has updated it has the turn until its transaction ends.
create table cluster_turn (
  turn bigint not null
);
insert into cluster_turn (turn) values (0);

-- What a node holds of one limit of one receiver; key: a hash of receiver and span.
create table cluster_share (
  key bigint not null,
  node text not null,
  receiver text not null,
  span bigint not null,            -- ms in which the limit counts mails; 0: connections
  held bigint not null,
  wanted bigint not null,
  cools bigint not null,           -- ms that it stays held after the node's death
  primary key (key, node)
);
create index cluster_share_node on cluster_share (node);
create index cluster_share_receiver on cluster_share (receiver);

-- Mails of an hour or a day that nodes have reserved, by fortieths of it.
create table cluster_lot (
  key bigint not null,
  slice bigint not null,
  mails bigint not null,
  primary key (key, slice)
);

-- Receivers that blocked a node, or asked it to pause.
create table cluster_rest (
  receiver text primary key,
  node text not null,
  until bigint not null,
  blocked integer not null
);

-- How far the mailboxes that bounces are fetched from have been read. `mailbox` is protocol, user, server and folder.

-- IMAP: all mails up to last_uid are taken over, as long as the folder's numbers are those of `validity`.
create table mailbox_place (
  mailbox text primary key,
  validity bigint not null,
  last_uid bigint not null
);

-- POP3: lasting names (UIDL) of mails that lie in the mailbox and are taken over. removable: 1 where the mail was read
-- and understood, so that it may be removed if the operator wants that.
create table mailbox_seen (
  mailbox text not null,
  name text not null,
  removable bigint not null,
  primary key (mailbox, name)
);

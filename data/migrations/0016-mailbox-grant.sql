-- OAuth 2: the newest refresh token of a mailbox, where the authorisation server gives a new one with each access token.
-- granted_from: digest of the one in the settings that it goes back to; another one there starts anew.
create table mailbox_grant (
  mailbox text primary key,
  granted_from bytea not null,
  refresh_token text not null
);

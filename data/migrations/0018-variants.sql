-- A campaign that carries another one's mail in another form, to those whom that one did not reach: parts of a split mail,
-- attachments as links, short lines. It has no files of its own; what it came to is told by the resend whose via it is.
create table campaign_variant (
  campaign bigint primary key references campaign (id),
  original bigint not null references campaign (id),
  kind text not null check (kind in ('part', 'links', 'reflow')),
  part bigint not null,            -- n of m; 0 where it is no part
  parts bigint not null,
  language text not null,          -- of what was added to the mail
  expires_at bigint                -- of the links
);

-- The attachments that a part carries, or that are offered as links; number is what stands in the link.
create table campaign_variant_file (
  campaign bigint not null references campaign_variant (campaign),
  number bigint not null,
  path text not null,
  primary key (campaign, number)
);

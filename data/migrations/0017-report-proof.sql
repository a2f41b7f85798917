-- Whether a DMARC report is known to be its receiver's: by DKIM, or since a person took it in. What others say is
-- counted with spring 'unproven', apart from the rest.
alter table dmarc_report add column proven bigint not null default 1;

-- Finds the mails of one cause in a campaign, however large it is; deliveries are not in it.
create index outcome_cause on outcome (campaign, result, reason) where result <> 0;

-- Claims are rows with an end instead of locks of a session: a stopped process holds nobody up.
CREATE TABLE mlops.claims (
  name    text PRIMARY KEY,
  token   uuid NOT NULL,
  expires timestamptz NOT NULL
);

-- What is under way while this is applied is taken up again.
UPDATE mlops.config_deliveries SET claimed_by = NULL WHERE claimed_by IS NOT NULL;

-- One delivery of a target at a time, whoever works on it.
CREATE UNIQUE INDEX config_deliveries_claimed ON mlops.config_deliveries (target)
  WHERE claimed_by IS NOT NULL AND status IN ('Pending', 'Following');

-- Notifications are published outside of a transaction.
ALTER TABLE mlops.notifications
  ADD COLUMN claim         uuid,
  ADD COLUMN claimed_until timestamptz;

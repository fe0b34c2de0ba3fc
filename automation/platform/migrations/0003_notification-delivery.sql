-- Delivery of each notification on its own; reading audit and notifications by execution.
ALTER TABLE mlops.notifications
  ADD COLUMN delivery     text NOT NULL DEFAULT 'pending',
  ADD COLUMN next_attempt timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN last_error   text;
UPDATE mlops.notifications SET delivery = 'delivered' WHERE delivered IS NOT NULL;
DROP INDEX mlops.notifications_undelivered;
CREATE INDEX notifications_pending ON mlops.notifications (pipeline_id, id) WHERE delivery = 'pending';
CREATE INDEX notifications_by_execution ON mlops.notifications (execution_id, id);
CREATE INDEX audit_by_execution ON mlops.audit (execution_id, id);

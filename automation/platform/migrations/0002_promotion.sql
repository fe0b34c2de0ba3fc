-- Promotion: pending approvals, decisions, dependencies between executions; notifications and the audit log.
ALTER TABLE mlops.executions
  ADD COLUMN approval          jsonb,
  ADD COLUMN decisions         jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN approved          jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN attempt           integer NOT NULL DEFAULT 1,
  ADD COLUMN cancelled_by      text,
  ADD COLUMN waits_for         uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN blueprint_version text;
DROP INDEX mlops.executions_unfinished;
CREATE INDEX executions_unfinished ON mlops.executions (status)
  WHERE status IN ('Queued', 'InProgress', 'AwaitingApproval');
CREATE TABLE mlops.notifications (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at           timestamptz NOT NULL DEFAULT now(),
  kind         text NOT NULL,
  pipeline_id  text,
  execution_id uuid,
  environment  text,
  subject      text NOT NULL,
  message      text NOT NULL,
  data         jsonb NOT NULL DEFAULT '{}',
  attempts     integer NOT NULL DEFAULT 0,
  delivered    timestamptz
);
CREATE INDEX notifications_undelivered ON mlops.notifications (id) WHERE delivered IS NULL;
CREATE INDEX notifications_by_pipeline ON mlops.notifications (pipeline_id, id);
CREATE TABLE mlops.audit (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at           timestamptz NOT NULL DEFAULT now(),
  principal    text NOT NULL,
  action       text NOT NULL,
  pipeline_id  text,
  execution_id uuid,
  environment  text,
  detail       jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_by_pipeline ON mlops.audit (pipeline_id, id);
CREATE INDEX audit_by_principal ON mlops.audit (principal, id);

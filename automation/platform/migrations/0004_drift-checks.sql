-- Drift checks: whether an environment still is what was deployed to it; one at a time for each stack.
CREATE TABLE mlops.drift_checks (
  id           uuid PRIMARY KEY,
  pipeline_id  text NOT NULL REFERENCES mlops.pipelines (id),
  environment  text NOT NULL,
  stack        text NOT NULL,
  ordinal      bigint GENERATED ALWAYS AS IDENTITY,
  status       text NOT NULL,
  requested_by text NOT NULL,
  created      timestamptz NOT NULL DEFAULT now(),
  dispatched   timestamptz,
  started      timestamptz,
  ended        timestamptz,
  findings     jsonb NOT NULL DEFAULT '[]',
  error        jsonb
);
CREATE INDEX drift_checks_by_pipeline ON mlops.drift_checks (pipeline_id, environment, ordinal);
CREATE INDEX drift_checks_undispatched ON mlops.drift_checks (ordinal) WHERE dispatched IS NULL;
CREATE UNIQUE INDEX drift_checks_unfinished ON mlops.drift_checks (stack) WHERE status IN ('Queued', 'InProgress');

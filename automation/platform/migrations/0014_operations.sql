-- Answers to previews and histories that took longer than their connection; kept for an hour.
CREATE TABLE mlops.operations (
  id           uuid PRIMARY KEY,
  kind         text NOT NULL,
  requested_by text NOT NULL,
  worker_id    text NOT NULL,
  status       text NOT NULL DEFAULT 'InProgress',
  result       jsonb,
  error        jsonb,
  created      timestamptz NOT NULL DEFAULT now(),
  ended        timestamptz
);
CREATE INDEX operations_by_age ON mlops.operations (created);

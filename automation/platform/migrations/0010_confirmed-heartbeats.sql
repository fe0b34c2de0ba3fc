-- One writer per stack: where process ids mean something, heartbeats that have to be confirmed, how a worker ended, and
-- the sessions of former holders that have not been shut out yet.
ALTER TABLE mlops.workers
  ADD COLUMN space    text NOT NULL DEFAULT '',
  ADD COLUMN beat     uuid NOT NULL DEFAULT gen_random_uuid(),
  ADD COLUMN ended    text,
  ADD COLUMN ended_at timestamptz;
CREATE INDEX workers_living ON mlops.workers (id) WHERE ended IS NULL;
ALTER TABLE mlops.stack_leases
  ADD COLUMN space    text NOT NULL DEFAULT '',
  ADD COLUMN unfenced uuid[] NOT NULL DEFAULT '{}';

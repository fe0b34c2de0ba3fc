-- Requests of each caller in the present minute, counted for all processes of the API together. Worth nothing after a crash.
CREATE UNLOGGED TABLE mlops.request_counts (
  key    bytea PRIMARY KEY,
  hits   integer NOT NULL,
  resets timestamptz NOT NULL
);
CREATE INDEX request_counts_by_reset ON mlops.request_counts (resets);

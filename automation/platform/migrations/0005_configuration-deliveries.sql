-- Configuration as data: deliveries and their outcome, and how far each polled remote has been read.
CREATE TABLE mlops.config_deliveries (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source       text NOT NULL,
  delivery_id  text NOT NULL,
  target       text NOT NULL,
  revision     text NOT NULL,
  place        jsonb NOT NULL,
  status       text NOT NULL DEFAULT 'Pending',
  results      jsonb NOT NULL DEFAULT '[]',
  detail       text,
  attempts     integer NOT NULL DEFAULT 0,
  next_attempt timestamptz NOT NULL DEFAULT now(),
  claimed_by   text,
  accepted     timestamptz NOT NULL DEFAULT now(),
  updated      timestamptz NOT NULL DEFAULT now(),
  UNIQUE (source, delivery_id)
);
CREATE INDEX config_deliveries_open ON mlops.config_deliveries (next_attempt) WHERE status IN ('Pending', 'Following');
CREATE TABLE mlops.config_polls (
  target      text PRIMARY KEY,
  last_commit text,
  failures    integer NOT NULL DEFAULT 0,
  next_poll   timestamptz NOT NULL DEFAULT now()
);

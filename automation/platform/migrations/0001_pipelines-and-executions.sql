-- Pipelines, their revisions and executions; workers and the leases they hold on stacks.
CREATE TABLE mlops.pipelines (
  id            text PRIMARY KEY,
  pipeline_type text NOT NULL,
  model_name    text NOT NULL,
  revision      integer NOT NULL DEFAULT 0,
  deleted       boolean NOT NULL DEFAULT false,
  created       timestamptz NOT NULL DEFAULT now(),
  updated       timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE mlops.revisions (
  pipeline_id  text NOT NULL REFERENCES mlops.pipelines (id),
  number       integer NOT NULL,
  digest       text NOT NULL,
  request      jsonb NOT NULL,
  requested_by text NOT NULL,
  created      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (pipeline_id, number)
);
CREATE TABLE mlops.executions (
  id            uuid PRIMARY KEY,
  pipeline_id   text NOT NULL REFERENCES mlops.pipelines (id),
  kind          text NOT NULL,
  revision      integer NOT NULL,
  ordinal       bigint GENERATED ALWAYS AS IDENTITY,
  status        text NOT NULL,
  requested_by  text NOT NULL,
  stages        jsonb NOT NULL,
  last_sequence bigint NOT NULL DEFAULT 0,
  dispatched    timestamptz,
  created       timestamptz NOT NULL DEFAULT now(),
  updated       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX executions_by_pipeline ON mlops.executions (pipeline_id, ordinal);
CREATE INDEX executions_unfinished ON mlops.executions (status) WHERE status IN ('Queued', 'InProgress');
CREATE TABLE mlops.execution_events (
  execution_id uuid NOT NULL REFERENCES mlops.executions (id),
  sequence     bigint NOT NULL,
  at           timestamptz NOT NULL,
  type         text NOT NULL,
  stage        text,
  environment  text,
  data         jsonb NOT NULL,
  PRIMARY KEY (execution_id, sequence)
);
CREATE TABLE mlops.workers (
  id        text PRIMARY KEY,
  host      text NOT NULL,
  pid       integer NOT NULL,
  started   text NOT NULL,
  heartbeat timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE mlops.stack_leases (
  stack         text PRIMARY KEY,
  token         uuid NOT NULL,
  holder        text NOT NULL,
  worker_id     text NOT NULL,
  host          text NOT NULL,
  child_pid     integer,
  child_started text,
  acquired      timestamptz NOT NULL DEFAULT now()
);

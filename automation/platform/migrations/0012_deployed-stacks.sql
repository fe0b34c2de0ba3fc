-- What is deployed, as the last operation on each stack left it: tells a back end that lost a stack from a first deployment.
CREATE TABLE mlops.deployed_stacks (
  stack       text PRIMARY KEY,
  pipeline_id text NOT NULL,
  environment text NOT NULL,
  state_time  text NOT NULL,
  resources   jsonb NOT NULL,
  updated     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX deployed_stacks_by_pipeline ON mlops.deployed_stacks (pipeline_id, environment);

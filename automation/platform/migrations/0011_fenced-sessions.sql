-- The fence in AWS: a number per stack that grows with every session that had to be shut out, and the sessions that are shut
-- out of deployment roles. The inline policy on a role is a copy of its rows.
ALTER TABLE mlops.stack_leases
  DROP COLUMN unfenced,
  ADD COLUMN unfenced      integer[] NOT NULL DEFAULT '{}',
  ADD COLUMN fencing_token integer NOT NULL DEFAULT 0;
CREATE TABLE mlops.fencing_tokens (
  stack text PRIMARY KEY,
  token integer NOT NULL
);
CREATE TABLE mlops.fenced_sessions (
  role_arn text NOT NULL,
  session  text NOT NULL,
  fenced   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (role_arn, session)
);

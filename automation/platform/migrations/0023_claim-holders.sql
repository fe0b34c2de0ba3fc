-- The process that holds a claim: where it is seen to have ended, its claim is free before its time.
ALTER TABLE mlops.claims
  ADD COLUMN space   text NOT NULL DEFAULT '',
  ADD COLUMN pid     integer,
  ADD COLUMN started text;

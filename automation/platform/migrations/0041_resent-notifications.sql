-- A notification that is sent again is tried for as long as a new one.
ALTER TABLE mlops.notifications ADD COLUMN resent timestamptz;

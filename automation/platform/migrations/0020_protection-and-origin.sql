-- Protected pipelines; where a request came from, down to the commit and the people behind it.
ALTER TABLE mlops.pipelines ADD COLUMN protected_by text;
ALTER TABLE mlops.executions ADD COLUMN origin jsonb;
ALTER TABLE mlops.config_deliveries ADD COLUMN people jsonb NOT NULL DEFAULT '{}';

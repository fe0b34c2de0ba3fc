-- What former holders of a lease had begun to create without learning whether it was created.
ALTER TABLE mlops.stack_leases ADD COLUMN uncertain jsonb NOT NULL DEFAULT '[]';

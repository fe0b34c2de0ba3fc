-- Lists of pipelines and drift checks, read page by page.
CREATE INDEX pipelines_by_age ON mlops.pipelines (created, id);
CREATE INDEX drift_checks_by_ordinal ON mlops.drift_checks (pipeline_id, ordinal);

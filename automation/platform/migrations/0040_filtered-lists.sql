-- Filters of lists, and counts for metrics, at a hundred thousand rows: each is read through an index, newest first.
CREATE INDEX executions_by_status ON mlops.executions (status, ordinal);
CREATE INDEX executions_by_kind ON mlops.executions (kind, ordinal);
CREATE INDEX executions_by_requester ON mlops.executions (requested_by, ordinal);
CREATE INDEX executions_by_age ON mlops.executions (created);
-- With the status, so that the latest execution of each pipeline is counted from the index alone.
DROP INDEX mlops.executions_by_pipeline;
CREATE INDEX executions_by_pipeline ON mlops.executions (pipeline_id, ordinal) INCLUDE (id, status);
CREATE INDEX pipelines_by_type ON mlops.pipelines (pipeline_type, created, id);
CREATE INDEX audit_by_action ON mlops.audit (action, id);
CREATE INDEX audit_by_environment ON mlops.audit (environment, id) WHERE environment IS NOT NULL;
CREATE INDEX audit_by_age ON mlops.audit (at);
CREATE INDEX notifications_by_kind ON mlops.notifications (kind, id);
CREATE INDEX notifications_by_age ON mlops.notifications (at);
CREATE INDEX config_deliveries_by_target ON mlops.config_deliveries (target, id);
CREATE INDEX config_deliveries_by_age ON mlops.config_deliveries (accepted);
-- The latest finished check of each stack.
CREATE INDEX drift_checks_latest ON mlops.drift_checks (stack, ordinal DESC) INCLUDE (status)
  WHERE status IN ('InSync', 'Drifted');

-- Executions of all pipelines, newest first, and the inbox of approvals; deliveries by status.
CREATE INDEX executions_by_ordinal ON mlops.executions (ordinal);
CREATE INDEX executions_awaiting_approval ON mlops.executions (ordinal) WHERE status = 'AwaitingApproval';
CREATE INDEX config_deliveries_by_status ON mlops.config_deliveries (status, id);

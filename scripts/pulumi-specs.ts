/**
 * Which specs run on a real Pulumi CLI (`npm run test:pulumi`), and why the others do not. A test holds it together with
 * the folders whose specs start an engine: e2e, engine/parity, workflows, faults, stacks, custom-blueprints, environments,
 * infra and package.
 */

/** A deployment, its update, promotion, approval and policy packs: what CI runs after `npm test`. */
export const REPRESENTATIVE_SPECS: readonly string[] = [
  'tests/e2e/engine.spec.ts',
  'tests/e2e/modes.spec.ts',
  'tests/package/program.spec.ts',
  'tests/package/yaml.spec.ts',
  'tests/stacks/invocations.spec.ts',
  'tests/stacks/policy-pack-run.spec.ts',
  'tests/stacks/update-plan.spec.ts',
  'tests/workflows/promotion.spec.ts',
];

/** With `npm run test:pulumi -- --all`, for a nightly run. */
export const FURTHER_SPECS: readonly string[] = [
  'tests/custom-blueprints/authoring.spec.ts',
  'tests/custom-blueprints/lifecycle.spec.ts',
  'tests/e2e/all-types.spec.ts',
  'tests/e2e/config-as-data.spec.ts',
  'tests/e2e/realtime.spec.ts',
  'tests/e2e/realtime-requests.spec.ts',
  'tests/engine/parity/parity.spec.ts',
  'tests/environments/roll-out.spec.ts',
  'tests/faults/drift.spec.ts',
  'tests/faults/full-disk.spec.ts',
  'tests/faults/kill.spec.ts',
  'tests/faults/lost-state.spec.ts',
  'tests/faults/matrix.spec.ts',
  'tests/faults/one-writer.spec.ts',
  'tests/faults/roles.spec.ts',
  'tests/faults/takeover.spec.ts',
  'tests/faults/writers.spec.ts',
  'tests/infra/program.spec.ts',
  'tests/stacks/deployed-conflicts.spec.ts',
  'tests/stacks/model-package.spec.ts',
  'tests/stacks/preflight.spec.ts',
  'tests/stacks/signs-of-life.spec.ts',
  'tests/stacks/verification.spec.ts',
  'tests/workflows/drift-schedule.spec.ts',
  'tests/workflows/drift.spec.ts',
  'tests/workflows/model-packages.spec.ts',
  'tests/workflows/people.spec.ts',
  'tests/workflows/soak.spec.ts',
];

const NO_ENGINE = 'starts no engine';
const STAND_IN = 'its stacks are a stand-in for the runner of operations, so that no engine takes part';
const OWN_ENGINE = 'makes operations for an engine of its own, which stops or fails where the test requires it';

/** Specs of those folders that have no run on a real CLI, each with the reason. */
export const NOT_ON_A_CLI: Readonly<Record<string, string>> = {
  'tests/custom-blueprints/docs.spec.ts': NO_ENGINE,
  'tests/custom-blueprints/refusals.spec.ts': NO_ENGINE,
  'tests/e2e/demo.spec.ts': 'runs the demo on the simulated engine, as on a machine that has nothing',
  'tests/faults/database.spec.ts': OWN_ENGINE,
  'tests/faults/fence.spec.ts': NO_ENGINE,
  'tests/faults/hanging-database.spec.ts': 'is about the connection to the database; no stack is deployed',
  'tests/faults/start.spec.ts': NO_ENGINE,
  'tests/stacks/deferred-reads.spec.ts': NO_ENGINE,
  'tests/stacks/drift.spec.ts': OWN_ENGINE,
  'tests/stacks/stack-runner.spec.ts': OWN_ENGINE,
  'tests/stacks/stop-schedules.spec.ts': OWN_ENGINE,
  'tests/workflows/approval-policies.spec.ts': STAND_IN,
  'tests/workflows/audit-log.spec.ts': NO_ENGINE,
  'tests/workflows/cancel-and-retry.spec.ts': STAND_IN,
  'tests/workflows/crashes.spec.ts': STAND_IN,
  'tests/workflows/drift-checks.spec.ts': NO_ENGINE,
  'tests/workflows/four-eyes.spec.ts': STAND_IN,
  'tests/workflows/migrations.spec.ts': NO_ENGINE,
  'tests/workflows/notification-delivery.spec.ts': NO_ENGINE,
  'tests/workflows/removal.spec.ts': STAND_IN,
  'tests/workflows/sequences.spec.ts': STAND_IN,
};

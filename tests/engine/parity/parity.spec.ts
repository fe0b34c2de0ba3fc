/** The simulated engine does what the real one does: each scenario runs on both, and all that shows is compared. */
import assert from 'node:assert/strict';
import { realEngine, simulatedEngine } from './support/engines.ts';
import { observe } from './support/scenario.ts';
import { combinationScenarios } from './scenarios/combinations.ts';
import { failureScenarios } from './scenarios/failures.ts';
import { generatedScenarios } from './scenarios/generated.ts';
import { operationScenarios } from './scenarios/operations.ts';
import { optionScenarios } from './scenarios/options.ts';
import { providerScenarios } from './scenarios/providers.ts';
import { replacementScenarios } from './scenarios/replacement.ts';

/** How many random stacks to generate in addition to the listed ones. */
const RUNS = Number(process.env['PARITY_RUNS'] ?? 3);
/** Several commands of the real CLI a step; a busy machine takes its time over each. */
const SCENARIO_MS = 180_000;

const groups = {
  replacement: replacementScenarios,
  options: optionScenarios,
  providers: providerScenarios,
  failures: failureScenarios,
  operations: operationScenarios,
  combinations: combinationScenarios,
  'made up': generatedScenarios(RUNS),
};

/** `npm test` needs no CLI: the comparison runs with `npm run test:pulumi`, or if this file is named. */
const wanted = process.env['SANDBOX_ENGINE'] === 'real' || process.argv.some((each) => each.includes('parity'));
const real = wanted ? await realEngine() : undefined;
if (real === undefined) {
  process.stderr.write(
    wanted
      ? '\nSKIPPED: there is no real Pulumi CLI to compare the simulated engine with. `npm run engine` builds one (with Go).\n\n'
      : '\nSKIPPED: the simulated engine is compared with the real one by `npm run test:pulumi`.\n\n',
  );
}

describe('the simulated engine, against the real one', () => {
  const simulated = simulatedEngine(real?.command.version?.toString());
  for (const [group, scenarios] of Object.entries(groups)) {
    describe(group, () => {
      for (const scenario of scenarios) {
        it(scenario.name, async function () {
          if (real === undefined) return this.skip();
          this.timeout(SCENARIO_MS);
          const expected = await observe(scenario, real);
          const actual = await observe(scenario, simulated);
          for (const [index, observation] of expected.entries()) {
            assert.deepEqual(actual[index], observation, `step ${index + 1}, ${observation.step}`);
          }
        });
      }
    });
  }
});

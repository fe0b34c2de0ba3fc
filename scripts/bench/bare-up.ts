/**
 * The baseline of the overhead benchmark: a bare Automation API script that brings up the same component with the same
 * engine. Run in a fresh process; the argument is the stack operation as JSON.
 */
import { LocalWorkspace } from '@pulumi/pulumi/automation/index.js';
import { loadProgram } from '../../automation/stacks/child/load-program.ts';
import type { StackOperation } from '../../automation/stacks/operation.ts';
import { makeProgram } from '../../automation/stacks/child/program.ts';
import type { EngineModule } from '../../automation/engine/engine.ts';

const operation = JSON.parse(process.argv[2] ?? '') as StackOperation;
const { createEngine } = (await import(operation.engine.module)) as EngineModule;
const engine = await createEngine(operation.engine);
const { program } = await loadProgram(operation.pipelineType);
const stack = await LocalWorkspace.createOrSelectStack(
  { projectName: operation.project, stackName: operation.stack, program: makeProgram(operation, program) },
  { pulumiCommand: engine.command, envVars: engine.envVars },
);
await stack.setConfig('aws:region', { value: operation.environment.region });
const { summary } = await stack.up();
if (summary.result !== 'succeeded') throw new Error(`the stack ${summary.result}`);
await engine.close();
process.exit(0);

#!/usr/bin/env node
/** `mlops`: the command line of the HTTP API (docs/cli.md). It knows the service by its address only. */
import { runCommandLine } from './mlops/program.ts';

void run();

async function run(): Promise<void> {
  process.exitCode = await runCommandLine(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
  });
}

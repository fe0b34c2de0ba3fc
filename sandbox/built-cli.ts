/**
 * What `npm run engine` builds from the Go modules in tools/: the Pulumi CLI, the version the tests run on, and where
 * the build is put. The sandbox and the tests use it if the machine has no CLI of its own.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The Go module: go.mod pins the version, go.sum the content of everything in it. */
export const CLI_MODULE = fileURLToPath(new URL('../tools/pulumi/', import.meta.url));

/** The CLI's root for the Automation API: the executable is `bin/pulumi` below it. Ignored by git. */
export const BUILT_CLI_ROOT = CLI_MODULE;

/** The Go module of the language host for YAML; the executable is put beside the CLI, which finds it there. */
export const YAML_MODULE = fileURLToPath(new URL('../tools/pulumi-yaml/', import.meta.url));

/** @returns such as `v3.274.1`. @throws where tools/pulumi/go.mod does not require the CLI */
export async function pinnedCliVersion(): Promise<string> {
  return await pinnedVersion(CLI_MODULE, 'github.com/pulumi/pulumi/pkg/v3');
}

/** @throws where tools/pulumi-yaml/go.mod does not require the host */
export async function pinnedYamlVersion(): Promise<string> {
  return await pinnedVersion(YAML_MODULE, 'github.com/pulumi/pulumi-yaml');
}

async function pinnedVersion(module: string, required: string): Promise<string> {
  const lines = (await readFile(`${module}go.mod`, 'utf8')).split('\n').map((line) => line.trim().split(' '));
  const version = lines.find(([name]) => name === required)?.[1];
  if (!version) throw new Error(`${module}go.mod does not require ${required}.`);
  return version;
}

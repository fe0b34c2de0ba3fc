/**
 * Attaches the sandbox to a real Pulumi CLI: its providers, and a language host for Node.js where the CLI has none.
 * @see https://www.pulumi.com/docs/iac/cli/environment-variables/ (PULUMI_DEBUG_PROVIDERS)
 */
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { serveProvider } from './aws/serve.ts';
import { serveLanguageHost } from './language-host.ts';
import type { ProviderHost } from './provider.ts';

const LANGUAGE_HOST = 'pulumi-language-nodejs';

export interface Attached {
  /** For every command of the CLI. */
  readonly envVars: Record<string, string>;
  close(): Promise<void>;
}

/**
 * @param packages of `host`, each with its version; undefined: that of `@pulumi/aws`
 * @param path where the CLI looks for a language host
 */
export async function attachSandbox(
  host: ProviderHost,
  packages: Readonly<Record<string, string | undefined>>,
  path: string,
): Promise<Attached> {
  const providers = await Promise.all(
    Object.entries(packages).map(async ([name, version]) => {
      const options = version === undefined ? {} : { version };
      return { name, ...(await serveProvider(host, name, options)) };
    }),
  );
  const language = (await hasLanguageHost(path)) ? undefined : await serveLanguageHost();
  return {
    envVars: {
      PULUMI_DEBUG_PROVIDERS: providers.map(({ name, port }) => `${name}:${port}`).join(','),
      ...(language ? { PULUMI_DEBUG_LANGUAGES: `nodejs:${language.port}` } : {}),
    },
    close: async () => {
      await Promise.all([...providers, ...(language ? [language] : [])].map((server) => server.close()));
    },
  };
}

async function hasLanguageHost(path: string): Promise<boolean> {
  const folders = path.split(delimiter).filter(Boolean);
  const found = folders.map((folder) => access(join(folder, LANGUAGE_HOST)).then(() => true));
  return await Promise.any(found).catch(() => false);
}

/** The provider of the package, as the SDK's server calls it: hands out the schema, and constructs components. */
import { readFile } from 'node:fs/promises';
import type * as pulumi from '@pulumi/pulumi';
import packageJson from '../package.json' with { type: 'json' };
import { COMPONENTS } from './components.ts';
import { constructPipeline } from './pipeline.ts';
import { token } from './schema.ts';

export const provider: pulumi.provider.Provider = {
  version: packageJson.version,

  getSchema: () => readFile(new URL('./schema.json', import.meta.url), 'utf8'),

  async construct(name, type, inputs, options) {
    const component = COMPONENTS.find((one) => token(one.name) === type);
    if (component) return await constructPipeline(component, name, inputs, options);
    const known = COMPONENTS.map((one) => one.name).join(', ');
    throw new Error(`There is no component ${type} in this version of the package; it has ${known}.`);
  },
};

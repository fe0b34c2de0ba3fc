/** Engine events around the creation of a resource, as the CLI sends them. */
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';

export const MODEL = 'urn:pulumi:mine.dev::byom-realtime-builtin::aws:sagemaker/model:Model::mine-model';

const event = (rest: Record<string, unknown>) =>
  ({ sequence: 1, timestamp: 1_800_000_000, ...rest }) as unknown as EngineEvent;

const typeOf = (urn: string) => urn.split('::')[2] ?? '';

const metadata = (urn: string, op: string) => ({
  op,
  urn,
  type: typeOf(urn),
  new: {
    urn,
    type: typeOf(urn),
    custom: true,
    id: '',
    parent: 'urn:pulumi:mine.dev::byom-realtime-builtin::pulumi:pulumi:Stack::byom-realtime-builtin-mine.dev',
    provider: 'urn:pulumi:mine.dev::byom-realtime-builtin::pulumi:providers:aws::default::1',
    inputs: { name: 'mine-model-4f2a' },
    outputs: {},
  },
});

export const creating = (urn: string, planning = false, op = 'create') =>
  event({ resourcePreEvent: { metadata: metadata(urn, op), planning } });

export const created = (urn: string) => event({ resOutputsEvent: { metadata: metadata(urn, 'create') } });

export const failing = (urn: string) =>
  event({ resOpFailedEvent: { metadata: metadata(urn, 'create'), status: 0, steps: 1 } });

export const saying = (severity: string, message: string, urn: string) =>
  event({ diagnosticEvent: { severity, message, urn, color: 'never' } });

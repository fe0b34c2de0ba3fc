/** What each resource is doing, and how resources belong together: from the events of an execution. Pure. */
import type { ExecutionEvent } from '../../api/model.ts';

export type Activity =
  | 'creating'
  | 'created'
  | 'updating'
  | 'updated'
  | 'deleting'
  | 'deleted'
  | 'replaced'
  | 'reading'
  | 'read'
  | 'refreshing'
  | 'importing'
  | 'imported'
  | 'failed'
  /** Not finished when its stage failed: the engine says nothing more about it. */
  | 'stopped'
  /** Only its children take part. */
  | 'unchanged';

export interface ResourceNode {
  urn: string;
  /** Such as `aws:iam/role:Role`. */
  type: string;
  name: string;
  /** Without the name of its parent, with which it begins: `endpoint` for `my-model-endpoint` in `my-model`. */
  shortName: string;
  activity: Activity;
  started?: string;
  ended?: string;
  /** Changed properties. */
  properties: string[];
  /** Error messages of the engine about it. */
  problems: string[];
  children: ResourceNode[];
}

export interface StageResources {
  /** Name of the stage, such as `DeployDev`. */
  stage: string;
  roots: ResourceNode[];
  /** How many resources have ended what they were doing. */
  done: number;
  total: number;
}

const RUNNING = new Set<Activity>(['creating', 'updating', 'deleting', 'reading', 'refreshing', 'importing']);

export function isRunning(activity: Activity): boolean {
  return RUNNING.has(activity);
}

/** One tree for each stage that operated on a stack, in the order in which they began. */
export function resourceTrees(events: readonly ExecutionEvent[]): StageResources[] {
  const stages = new Map<string, Map<string, ResourceNode>>();
  for (const event of events) {
    const { stage, type, data } = event;
    if (!stage) continue;
    if (type === 'stage.failed') stop(stages.get(stage), event.at);
    const urn = typeof data.urn === 'string' ? data.urn : undefined;
    if (!urn) continue;
    const nodes = stages.get(stage) ?? new Map<string, ResourceNode>();
    if (type.startsWith('resource.')) {
      stages.set(stage, nodes);
      apply(nodes, urn, event);
    } else if (type === 'diagnostic' && data.severity === 'error') {
      nodes.get(urn)?.problems.push(String(data.message));
    }
  }
  return [...stages].map(([stage, nodes]) => {
    const all = [...nodes.values()];
    return {
      stage,
      roots: nest(all),
      done: all.filter(({ activity }) => activity !== 'stopped' && !isRunning(activity)).length,
      total: all.length,
    };
  });
}

function stop(nodes: Map<string, ResourceNode> = new Map(), at: string): void {
  for (const node of nodes.values()) {
    if (!isRunning(node.activity)) continue;
    node.activity = 'stopped';
    node.ended = at;
  }
}

function apply(nodes: Map<string, ResourceNode>, urn: string, { type, at, data }: ExecutionEvent): void {
  const activity = type.slice('resource.'.length) as Activity;
  const known = nodes.get(urn);
  const node: ResourceNode = known ?? {
    urn,
    type: String(data.resourceType ?? typeOf(urn)),
    name: nameOf(urn),
    shortName: nameOf(urn),
    activity,
    properties: [],
    problems: [],
    children: [],
  };
  if (isRunning(activity)) {
    node.started ??= at;
    delete node.ended;
  } else node.ended = at;
  node.activity = activity;
  if (Array.isArray(data.properties)) node.properties = data.properties.map(String);
  nodes.set(urn, node);
}

function nameOf(urn: string): string {
  return urn.split('::').at(-1) ?? urn;
}

/** `urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>`: the types of all ancestors, then the own one. */
function typesOf(urn: string): string[] {
  return (urn.split('::')[2] ?? '').split('$');
}

function typeOf(urn: string): string {
  return typesOf(urn).at(-1) ?? '';
}

/** A URN has the types of the ancestors, not their names: among several of one type, the one whose name the child's begins with. */
function nest(nodes: readonly ResourceNode[]): ResourceNode[] {
  const byTypes = Map.groupBy(nodes, ({ urn }) => typesOf(urn).join('$'));
  const roots: ResourceNode[] = [];
  for (const node of nodes) {
    const candidates = byTypes.get(typesOf(node.urn).slice(0, -1).join('$')) ?? [];
    const parent = candidates.find(({ name }) => node.name.startsWith(name)) ?? candidates[0];
    if (parent && parent !== node) {
      parent.children.push(node);
      if (node.name.startsWith(`${parent.name}-`)) node.shortName = node.name.slice(parent.name.length + 1);
    } else roots.push(node);
  }
  return roots;
}

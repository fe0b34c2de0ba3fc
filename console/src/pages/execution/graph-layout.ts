/**
 * Places the resources of a stage as a graph. What is deployed has known dependencies, and is drawn along them, from what came
 * first to what needs it; during a first deployment the dependencies are not known yet, and resources hang on their component.
 */
import dagre from '@dagrejs/dagre';
import type { Model } from '../../api/model.ts';
import type { ResourceNode } from './resource-tree.ts';

export const NODE = { width: 216, height: 52 };

type Deployed = Model<'EnvironmentResources'>['resources'];

export interface PlacedNode {
  resource: ResourceNode;
  x: number;
  y: number;
}

export interface Placed {
  nodes: PlacedNode[];
  edges: { from: string; to: string }[];
  /** Whether the edges are dependencies; else: what belongs to what. */
  isByDependency: boolean;
}

/** @param deployed resources of the same environment, with their dependencies, as far as they are known */
export function placed(roots: readonly ResourceNode[], deployed: Deployed): Placed {
  const all = flat(roots);
  const dependencies = new Map(deployed.map(({ urn, dependencies: needed }) => [urn, needed]));
  const isByDependency = all.some(({ urn }) => (dependencies.get(urn) ?? []).length > 0);
  return isByDependency
    ? byDependency(all, deployed)
    : arrange(
        all,
        all.flatMap((node) => node.children.map((child) => ({ from: node.urn, to: child.urn }))),
        false,
      );
}

function byDependency(all: readonly ResourceNode[], deployed: Deployed): Placed {
  // Components and providers stand for nothing in the account: only what is custom has dependencies.
  const taking = new Map(all.map((node) => [node.urn, node]));
  const prefix = all.find(({ children }) => children.length > 0)?.name;
  const known = new Set(deployed.map(({ urn }) => urn));
  const nodes = [
    ...deployed.map(({ urn, type, name }): ResourceNode => taking.get(urn) ?? unchanged(urn, type, name, prefix)),
    // What was deleted or failed is not deployed any more.
    ...all.filter(({ urn, children, type }) => !known.has(urn) && children.length === 0 && !type.startsWith('pulumi:')),
  ];
  const edges = deployed.flatMap(({ urn, dependencies }) =>
    dependencies.filter((needed) => known.has(needed)).map((needed) => ({ from: needed, to: urn })),
  );
  return arrange(nodes, withoutShortcuts(edges), true);
}

function unchanged(urn: string, type: string, name: string, prefix: string | undefined): ResourceNode {
  const shortName = prefix && name.startsWith(`${prefix}-`) ? name.slice(prefix.length + 1) : name;
  return { urn, type, name, shortName, activity: 'unchanged', properties: [], problems: [], children: [] };
}

type Edge = Placed['edges'][number];

/** Leaves out a → c where a → b → c: the graph says the same with fewer lines. */
function withoutShortcuts(edges: readonly Edge[]): Edge[] {
  const next = Map.groupBy(edges, ({ from }) => from);
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean => {
    if (seen.has(from)) return false;
    seen.add(from);
    return (next.get(from) ?? []).some((edge) => edge.to === to || reaches(edge.to, to, seen));
  };
  return edges.filter(
    ({ from, to }) => !(next.get(from) ?? []).some((other) => other.to !== to && reaches(other.to, to)),
  );
}

function arrange(resources: readonly ResourceNode[], edges: readonly Edge[], isByDependency: boolean): Placed {
  const graph = new dagre.graphlib.Graph();
  // Dependencies are a long chain, which fits into a page downwards; the parts of a component are a long list.
  const layers = isByDependency ? { rankdir: 'TB', ranksep: 30 } : { rankdir: 'LR', ranksep: 56 };
  graph.setGraph({ ...layers, nodesep: 16, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { urn } of resources) graph.setNode(urn, { ...NODE });
  for (const { from, to } of edges) graph.setEdge(from, to);
  dagre.layout(graph);
  return {
    nodes: resources.map((resource) => {
      const { x, y } = graph.node(resource.urn);
      return { resource, x: x - NODE.width / 2, y: y - NODE.height / 2 };
    }),
    edges: [...edges],
    isByDependency,
  };
}

function flat(nodes: readonly ResourceNode[]): ResourceNode[] {
  return nodes.flatMap((node) => [node, ...flat(node.children)]);
}

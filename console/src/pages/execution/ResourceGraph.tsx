/** The resources of a stage as a graph: which belong to which, and what each is doing. */
import dagre from '@dagrejs/dagre';
import { Background, Controls, Handle, Position, ReactFlow } from '@xyflow/react';
import type { Edge, Node, NodeProps } from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import './graph.css';
import { ActivityIcon, toneOf } from './ActivityIcon.tsx';
import { shortType } from './ResourceTree.tsx';
import type { ResourceNode } from './resource-tree.ts';

const WIDTH = 232;
const HEIGHT = 58;

type GraphNode = Node<{ resource: ResourceNode }, 'resource'>;

const NODE_TYPES = { resource: ResourceBox };

export function ResourceGraph({ roots, label }: { roots: readonly ResourceNode[]; label: string }) {
  const { nodes, edges } = laidOut(roots);
  return (
    <div className="graph">
      <ReactFlow
        aria-label={label}
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        fitView
        fitViewOptions={{ padding: 0.12, maxZoom: 1.1 }}
        minZoom={0.15}
        colorMode="system"
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        preventScrolling={false}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={22} size={1} color="var(--border)" />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

function ResourceBox({ data: { resource } }: NodeProps<GraphNode>) {
  const { name, type, activity } = resource;
  return (
    <div className={`graph-node edge-${toneOf(activity)}`}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <ActivityIcon activity={activity} />
      <div className="graph-text">
        <b>{name}</b>
        <span>
          {shortType(type)} · {activity}
        </span>
      </div>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}

function laidOut(roots: readonly ResourceNode[]): { nodes: GraphNode[]; edges: Edge[] } {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 64 });
  graph.setDefaultEdgeLabel(() => ({}));
  const all: ResourceNode[] = [];
  const edges: Edge[] = [];
  const visit = (node: ResourceNode, parent?: ResourceNode) => {
    all.push(node);
    graph.setNode(node.urn, { width: WIDTH, height: HEIGHT });
    if (parent) {
      graph.setEdge(parent.urn, node.urn);
      edges.push({ id: `${parent.urn} ${node.urn}`, source: parent.urn, target: node.urn });
    }
    for (const child of node.children) visit(child, node);
  };
  for (const root of roots) visit(root);
  dagre.layout(graph);
  const nodes = all.map((resource): GraphNode => {
    const { x, y } = graph.node(resource.urn);
    return {
      id: resource.urn,
      type: 'resource',
      position: { x: x - WIDTH / 2, y: y - HEIGHT / 2 },
      data: { resource },
      width: WIDTH,
      height: HEIGHT,
      ariaLabel: `${resource.name}, ${shortType(resource.type)}, ${resource.activity}`,
    };
  });
  return { nodes, edges };
}

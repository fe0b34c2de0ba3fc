/** The resources of a stage as a graph: which need which, and what each is doing. */
import { useQuery } from '@tanstack/react-query';
import { Background, Controls, Handle, MarkerType, Position, ReactFlow } from '@xyflow/react';
import type { Edge, Node, NodeProps } from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useMemo } from 'react';
import type { Environment } from '../../api/model.ts';
import { resourcesQuery } from '../../api/queries.ts';
import { ActivityIcon, toneOf } from './ActivityIcon.tsx';
import { shortType } from './ResourceTree.tsx';
import { NODE, placed } from './graph-layout.ts';
import './graph.css';
import type { ResourceNode } from './resource-tree.ts';

type GraphNode = Node<{ resource: ResourceNode; isDownwards: boolean }, 'resource'>;

const NODE_TYPES = { resource: ResourceBox };

export function ResourceGraph({
  roots,
  pipelineId,
  environment,
  label,
}: {
  roots: readonly ResourceNode[];
  pipelineId: string;
  environment: Environment | undefined;
  label: string;
}) {
  const deployed = useQuery(resourcesQuery(pipelineId)).data?.find((each) => each.environment === environment);
  const { nodes, edges, isByDependency } = useMemo(() => drawn(roots, deployed?.resources ?? []), [roots, deployed]);
  return (
    <>
      <p className="graph-caption muted small">
        {isByDependency
          ? 'From what is needed first, at the top, to what needs it.'
          : 'The parts of each component. Their dependencies appear once the stage has ended.'}
      </p>
      <div className="graph">
        <ReactFlow
          // Another arrangement is fitted into the view again.
          key={String(isByDependency)}
          aria-label={label}
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          fitView
          fitViewOptions={{ padding: 0.06, maxZoom: 1 }}
          minZoom={0.2}
          colorMode="system"
          nodesDraggable={false}
          nodesConnectable={false}
          edgesFocusable={false}
          preventScrolling={false}
          proOptions={{ hideAttribution: true }}
        >
          <Background gap={20} size={1} color="var(--border-strong)" />
          <Controls showInteractive={false} />
        </ReactFlow>
      </div>
    </>
  );
}

function ResourceBox({ data: { resource, isDownwards } }: NodeProps<GraphNode>) {
  const { name, shortName, type, activity } = resource;
  return (
    <div className={`graph-node graph-${toneOf(activity)}`} title={name}>
      <Handle type="target" position={isDownwards ? Position.Top : Position.Left} isConnectable={false} />
      <ActivityIcon activity={activity} />
      <div className="graph-text">
        <b>{shortName}</b>
        <span>
          {shortType(type)} · {activity}
        </span>
      </div>
      <Handle type="source" position={isDownwards ? Position.Bottom : Position.Right} isConnectable={false} />
    </div>
  );
}

function drawn(
  roots: readonly ResourceNode[],
  deployed: Parameters<typeof placed>[1],
): { nodes: GraphNode[]; edges: Edge[]; isByDependency: boolean } {
  const { nodes, edges, isByDependency } = placed(roots, deployed);
  return {
    nodes: nodes.map(({ resource, x, y }) => ({
      id: resource.urn,
      type: 'resource',
      position: { x, y },
      data: { resource, isDownwards: isByDependency },
      ...NODE,
      ariaLabel: `${resource.name}, ${shortType(resource.type)}, ${resource.activity}`,
    })),
    edges: edges.map(({ from, to }) => ({
      id: `${from} ${to}`,
      source: from,
      target: to,
      ...(isByDependency ? { markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 } } : {}),
    })),
    isByDependency,
  };
}

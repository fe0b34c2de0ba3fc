import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { Key } from 'react-aria-components';
import { Button, Tree, TreeItem, TreeItemContent } from 'react-aria-components';
import { Duration } from '../../components/Time.tsx';
import { ActivityIcon } from './ActivityIcon.tsx';
import type { ResourceNode } from './resource-tree.ts';
import { isRunning } from './resource-tree.ts';

/** The resources of one stage: arrow keys move, left and right close and open. */
export function ResourceTree({ roots, label }: { roots: readonly ResourceNode[]; label: string }) {
  // Branches are open until someone closes them, also those that appear while the page is open.
  const [closed, setClosed] = useState<ReadonlySet<Key>>(new Set());
  const urns = urnsOf(roots);
  return (
    <Tree
      className="tree"
      aria-label={label}
      expandedKeys={urns.filter((urn) => !closed.has(urn))}
      onExpandedChange={(open) => setClosed(new Set(urns.filter((urn) => !open.has(urn))))}
      selectionMode="none"
    >
      {roots.map((node) => (
        <ResourceItem key={node.urn} node={node} />
      ))}
    </Tree>
  );
}

function urnsOf(nodes: readonly ResourceNode[]): string[] {
  return nodes.flatMap((node) => [node.urn, ...urnsOf(node.children)]);
}

function ResourceItem({ node }: { node: ResourceNode }) {
  const { urn, type, name, shortName, activity, started, ended, properties, problems, children } = node;
  return (
    <TreeItem id={urn} textValue={`${name}, ${type}, ${activity}`} className="tree-item">
      <TreeItemContent>
        {({ hasChildItems }) => (
          <>
            <div className="tree-line">
              {hasChildItems ? (
                <Button slot="chevron" className="tree-toggle">
                  <ChevronRight aria-hidden />
                </Button>
              ) : (
                <span />
              )}
              <ActivityIcon activity={activity} />
              <span className="tree-name">
                <b title={name}>{shortName}</b>
                <span className="muted mono">{shortType(type)}</span>
                {properties.length > 0 && <span className="muted">{properties.join(', ')}</span>}
              </span>
              <span className="tree-doing">
                {activity}
                {started && (isRunning(activity) || ended) && (
                  <>
                    {' '}
                    <Duration from={started} to={ended} />
                  </>
                )}
              </span>
            </div>
            {problems.map((problem, index) => (
              <p key={index} className="tree-problem">
                {problem}
              </p>
            ))}
          </>
        )}
      </TreeItemContent>
      {children.map((child) => (
        <ResourceItem key={child.urn} node={child} />
      ))}
    </TreeItem>
  );
}

/** `aws:sagemaker/endpoint:Endpoint` → `sagemaker Endpoint`. */
export function shortType(type: string): string {
  const [, module = '', name = ''] = type.split(':');
  return [module.split('/')[0], name].filter(Boolean).join(' ');
}

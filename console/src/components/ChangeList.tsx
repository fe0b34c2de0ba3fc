/** Changes of resources, one by one: before → after, what forces a replacement, what it destroys. */
import { ChevronRight, TriangleAlert } from 'lucide-react';
import { Button as AriaButton, Disclosure, DisclosurePanel } from 'react-aria-components';
import type { ResourceChange } from './changes.ts';
import { inOrder, isLossy, OPERATION_LABELS } from './changes.ts';
import { OPERATION_LOOKS } from './ChangeSummary.tsx';
import { Code } from './Code.tsx';
import { Differences } from './Differences.tsx';

export function ChangeList({ of: changes }: { of: readonly ResourceChange[] }) {
  return (
    <ul className="changes">
      {inOrder(changes).map((change) => (
        <ChangeItem key={`${change.operation} ${change.urn}`} change={change} />
      ))}
    </ul>
  );
}

function ChangeItem({ change }: { change: ResourceChange }) {
  const { operation, type, name, warning, replaceProperties = [] } = change;
  const { icon: Icon, tone } = OPERATION_LOOKS[operation];
  return (
    <li className="revision-item">
      {/* What destroys something is read without a click. */}
      <Disclosure defaultExpanded={isLossy(change)}>
        <div className="revision-line">
          <AriaButton slot="trigger" className="revision-toggle" aria-label={`Details of ${name}`}>
            <ChevronRight aria-hidden />
          </AriaButton>
          <span className={`badge tone-${tone}`}>
            <Icon aria-hidden />
            {OPERATION_LABELS[operation]}
          </span>
          <span className="grow change-name">
            <span className="wrap">{name}</span> <code className="wrap">{type}</code>
          </span>
        </div>
        <DisclosurePanel>
          <div className="change-details">
            {warning && (
              <p className="hint">
                <TriangleAlert aria-hidden />
                <span>{warning}</span>
              </p>
            )}
            {replaceProperties.length > 0 && (
              <p className="small muted">Replaced because of {replaceProperties.join(', ')}.</p>
            )}
            <Values change={change} />
          </div>
        </DisclosurePanel>
      </Disclosure>
    </li>
  );
}

function Values({ change: { differences = [], inputs, properties = [], name } }: { change: ResourceChange }) {
  if (differences.length > 0) return <Differences of={differences} caption={`Changes of ${name}`} />;
  if (inputs) return <Code what={`the inputs of ${name}`} text={JSON.stringify(inputs, null, 2)} />;
  if (properties.length > 0) return <p className="small muted">Changes {properties.join(', ')}.</p>;
  return <p className="small muted">No property is shown for it.</p>;
}

import { Link } from '@tanstack/react-router';
import { Activity, Boxes, Container, Cpu, Layers, Puzzle } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { Model } from '../../api/model.ts';

type PipelineType = Model<'PipelineType'>;

interface Family {
  title: string;
  icon: LucideIcon;
  has: (type: PipelineType) => boolean;
}

const FAMILIES: readonly Family[] = [
  { title: 'Custom', icon: Puzzle, has: ({ custom }) => custom },
  { title: 'Inference', icon: Boxes, has: ({ pipelineType }) => /realtime/.test(pipelineType) },
  { title: 'Batch', icon: Layers, has: ({ pipelineType }) => /batch/.test(pipelineType) },
  { title: 'Training', icon: Cpu, has: ({ pipelineType }) => /^model_/.test(pipelineType) },
  { title: 'Monitoring', icon: Activity, has: ({ pipelineType }) => /_monitor$/.test(pipelineType) },
  { title: 'Images', icon: Container, has: () => true },
];

/** Every type with what it provisions. */
export function TypeChooser({ types }: { types: readonly PipelineType[] }) {
  const families = Map.groupBy(types, (type) => FAMILIES.find(({ has }) => has(type)));
  const order = [...FAMILIES.slice(1), ...FAMILIES.slice(0, 1)];
  return (
    <div className="stack-l">
      <p className="muted">What should the pipeline do? Every type has its own form.</p>
      {order.map((family) => {
        const members = families.get(family) ?? [];
        if (members.length === 0) return null;
        const { title, icon: Icon } = family;
        return (
          <section key={title} aria-label={title} className="stack">
            <h2 className="family">
              <Icon aria-hidden /> {title}
            </h2>
            <ul className="type-cards">
              {members.map(({ pipelineType, title: name, description, provisionable, placement }) => (
                <li key={pipelineType} className="card type-card">
                  <h3>
                    {provisionable ? (
                      <Link to="/new" search={{ type: pipelineType }}>
                        {name}
                      </Link>
                    ) : (
                      name
                    )}
                  </h3>
                  <p className="small muted">{description}</p>
                  <p className="row-wrap type-foot">
                    <span className="tag">{pipelineType}</span>
                    {!provisionable && <span className="badge">cannot be provisioned here</span>}
                    {placement === 'environments' && <span className="small muted">promoted</span>}
                  </p>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

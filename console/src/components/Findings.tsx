import { ShieldAlert, TriangleAlert } from 'lucide-react';
import type { Finding } from './changes.ts';

/** What an environment lacks, and violated policies: mandatory ones first. */
export function Findings({ of: findings }: { of: readonly Finding[] }) {
  const rank = ({ policy }: Finding) => (policy?.enforcementLevel === 'mandatory' ? 0 : 1);
  return (
    <ul className="findings">
      {findings
        .toSorted((a, b) => rank(a) - rank(b))
        .map(({ check, subject, message, policy }) => {
          const isMandatory = policy?.enforcementLevel === 'mandatory';
          return (
            <li key={`${check} ${subject} ${policy?.name ?? ''}`} className="finding">
              {isMandatory ? (
                <ShieldAlert aria-hidden className="ink-fail" />
              ) : (
                <TriangleAlert aria-hidden className="ink-wait" />
              )}
              <div>
                <p className="row-wrap">
                  <b>{policy?.name ?? check}</b>
                  {policy && (
                    <span className={`badge tone-${isMandatory ? 'fail' : 'wait'}`}>{policy.enforcementLevel}</span>
                  )}
                  <code className="muted wrap">{subject}</code>
                </p>
                <p className="wrap">{message}</p>
              </div>
            </li>
          );
        })}
    </ul>
  );
}

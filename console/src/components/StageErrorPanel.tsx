import { CircleAlert, Lightbulb } from 'lucide-react';
import type { StageError } from '../api/model.ts';
import { Facts } from './Facts.tsx';

/** Why a stage failed: the engine's words, the resource, and how to resolve it. */
export function StageErrorPanel({ error, stage }: { error: StageError; stage: string }) {
  const { code, message, urn, providerCode, requestId, hint, findings = [] } = error;
  return (
    <div className="alert alert-fail" role="group" aria-label={`Error of ${stage}`}>
      <CircleAlert aria-hidden className="ink-fail" />
      <div className="alert-body">
        <h2>{stage} failed</h2>
        <p className="wrap">{message}</p>
        {hint && (
          <p className="hint">
            <Lightbulb aria-hidden />
            <span>{hint}</span>
          </p>
        )}
        {findings.length > 0 && (
          <ul className="findings">
            {findings.map(({ check, subject, message: finding, policy }) => (
              <li key={`${check} ${subject} ${policy?.name ?? ''}`}>
                <span className="tag">{policy?.name ?? check}</span> <code className="wrap">{subject}</code>
                <p>{finding}</p>
              </li>
            ))}
          </ul>
        )}
        <Facts
          of={[
            ['Code', <code key="code">{code}</code>],
            ['Resource', urn && <code key="urn">{urn.split('::').slice(-2).join(' ')}</code>],
            ['Provider code', providerCode && <code key="provider">{providerCode}</code>],
            ['Provider request', requestId && <code key="request">{requestId}</code>],
          ].map(([name, value]) => [String(name), value || undefined])}
        />
      </div>
    </div>
  );
}

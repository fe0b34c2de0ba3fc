import { useState } from 'react';
import type { Fault } from '../../api/errors.ts';
import type { Request } from '../../api/provisioning.ts';
import { TextArea } from '../../components/TextArea.tsx';
import { isRecord } from './request-value.ts';

/** The whole request as JSON: an edit changes the form, and the other way round. */
export function JsonView({
  request,
  faults,
  onChange,
  onProblem,
}: {
  request: Request;
  faults: readonly Fault[];
  onChange: (request: Request) => void;
  /** Called with the reason why the text is not a request; undefined: it is one. */
  onProblem: (problem: string | undefined) => void;
}) {
  const [draft, setDraft] = useState<{ text: string; of: Request; problem?: string }>();
  const current = draft?.of === request ? draft : undefined;
  const text = current?.text ?? JSON.stringify(request, null, 2);
  const edit = (next: string) => {
    const parsed = parse(next);
    if (typeof parsed === 'string') {
      setDraft({ text: next, of: request, problem: parsed });
      onProblem(parsed);
    } else {
      setDraft({ text: next, of: parsed });
      onProblem(undefined);
      onChange(parsed);
    }
  };
  return (
    <div className="card card-body stack">
      <TextArea
        label="Request"
        hint="The same as the form, as the API takes it."
        rows={Math.min(34, Math.max(12, text.split('\n').length + 1))}
        value={text}
        onChange={edit}
        isMono
        problem={current?.problem}
      />
      {faults.length > 0 && !current?.problem && (
        <ul className="stack small" aria-label="What the service finds wrong">
          {faults.map(({ pointer, rule, message }) => (
            <li key={`${pointer} ${rule}`}>
              <span className="tag">{pointer || 'request'}</span> {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** @returns the request, or why it is none */
function parse(text: string): Request | string {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : 'A request is a JSON object: { "pipeline_type": … }.';
  } catch (error) {
    return `This is not JSON yet: ${(error as Error).message}`;
  }
}

import type { Preview } from '../../api/provisioning.ts';
import { ChangeList } from '../../components/ChangeList.tsx';
import { ChangeSummary } from '../../components/ChangeSummary.tsx';
import { Card } from '../../components/Card.tsx';
import { Findings } from '../../components/Findings.tsx';

/** What the request would change, environment by environment. */
export function PreviewResult({ preview: { environments } }: { preview: Preview }) {
  return environments.map(({ environment, summary, changes, findings = [] }) => (
    <Card key={environment} title={environment} flush aside={<ChangeSummary of={summary} />}>
      {findings.length > 0 && (
        <div className="card-body">
          <Findings of={findings} />
        </div>
      )}
      {changes.length === 0 ? <p className="card-body muted">Nothing would change.</p> : <ChangeList of={changes} />}
    </Card>
  ));
}

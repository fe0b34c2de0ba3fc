/** Who did what: filters, pages, and all of it as JSON lines. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Download, ScrollText } from 'lucide-react';
import { Input, Label, TextField } from 'react-aria-components';
import { ENVIRONMENTS } from '../../api/model.ts';
import type { AuditEntry, AuditFilter } from '../../api/record-queries.ts';
import { auditExportUrl, auditQuery } from '../../api/record-queries.ts';
import { Button, buttonClass } from '../../components/Button.tsx';
import { textOf } from '../../components/Differences.tsx';
import { ListView } from '../../components/ListView.tsx';
import { Page } from '../../components/Page.tsx';
import { SearchField } from '../../components/SearchField.tsx';
import { ANY, Select } from '../../components/Select.tsx';
import { Empty } from '../../components/States.tsx';
import { Ago } from '../../components/Time.tsx';
import { ACTIONS } from '../record-search.ts';

export function AuditPage() {
  const filter = useSearch({ from: '/audit' });
  const navigate = useNavigate({ from: '/audit' });
  const query = useInfiniteQuery(auditQuery(filter));
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <Page
      title="Audit log"
      actions={
        <a className={buttonClass()} href={auditExportUrl(filter)} download="audit.jsonl">
          <Download aria-hidden /> Export as JSON lines
        </a>
      }
    >
      <Filters filter={filter} />
      <div className="card">
        <ListView
          query={query}
          what="entries"
          empty={
            <Empty icon={ScrollText} title="No entries">
              {isFiltered ? (
                <Button onPress={() => void navigate({ search: {} })}>Show all entries</Button>
              ) : (
                <p>Every request, decision and refused attempt is recorded here.</p>
              )}
            </Empty>
          }
        >
          {(entries) => <AuditTable entries={entries} />}
        </ListView>
      </div>
    </Page>
  );
}

function Filters({ filter }: { filter: AuditFilter }) {
  const navigate = useNavigate({ from: '/audit' });
  const narrow = (change: AuditFilter) =>
    void navigate({ search: (current) => ({ ...current, ...change }), replace: true });
  return (
    <div className="toolbar" role="search">
      <SearchField
        label="Name or ARN of a person"
        value={filter.principal ?? ''}
        onChange={(principal) => narrow({ principal: principal || undefined })}
      />
      <SearchField
        label="Id of a pipeline"
        value={filter.pipelineId ?? ''}
        onChange={(pipelineId) => narrow({ pipelineId: pipelineId || undefined })}
      />
      <Select
        label="Action"
        choices={[{ id: ANY, label: 'Any action' }, ...ACTIONS.map((id) => ({ id, label: id }))]}
        value={filter.action ?? ANY}
        onChange={(id) => narrow({ action: ACTIONS.find((action) => action === id) })}
      />
      <Select
        label="Environment"
        choices={[{ id: ANY, label: 'Any environment' }, ...ENVIRONMENTS.map((id) => ({ id, label: id }))]}
        value={filter.environment ?? ANY}
        onChange={(id) => narrow({ environment: ENVIRONMENTS.find((name) => name === id) })}
      />
      <Day label="From" value={filter.since} onChange={(since) => narrow({ since })} />
      <Day label="To" value={filter.until} onChange={(until) => narrow({ until })} />
    </div>
  );
}

function Day({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (day: string | undefined) => void;
}) {
  return (
    <TextField className="day" type="date" value={value ?? ''} onChange={(day) => onChange(day || undefined)}>
      <Label className="small muted">{label}</Label>
      <Input className="input" />
    </TextField>
  );
}

function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <div className="table-scroll">
      <table className="table table-cards">
        <caption className="visually-hidden">Entries of the audit log, newest first</caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">Action</th>
            <th scope="col">Of what</th>
            <th scope="col">Details</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ id, at, principal, action, pipelineId, executionId, environment, detail }) => (
            <tr key={id}>
              <td data-label="When" className="muted small nowrap">
                <Ago at={at} />
              </td>
              <td data-label="Who" className="wrap audit-who">
                {principal}
              </td>
              <td data-label="Action">
                <span className="row-wrap">
                  <span className={`badge ${/^(denied|refused|reject)$/.test(action) ? 'tone-fail' : ''}`}>
                    {action}
                  </span>
                  {environment && <span className="badge">{environment}</span>}
                </span>
              </td>
              <td data-label="Of what" className="small audit-what">
                {executionId ? (
                  <Link to="/executions/$executionId" params={{ executionId }} className="wrap">
                    {pipelineId ?? executionId}
                  </Link>
                ) : (
                  <span className="wrap">{pipelineId ?? '—'}</span>
                )}
              </td>
              <td data-label="Details" className="small muted">
                <Detail of={detail} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** "revision: 2 · comment: Tested.": hashes are cut, and what is large is folded. */
function Detail({ of: detail }: { of: Record<string, unknown> }) {
  const entries = Object.entries(detail);
  const short = entries.filter(([, value]) => typeof value !== 'object');
  const text = short
    .map(([key, value]) => `${key}: ${/hash|digest/i.test(key) ? textOf(value).slice(0, 10) : textOf(value)}`)
    .join(' · ');
  return (
    <div className="audit-detail wrap">
      {text}
      {short.length < entries.length && (
        <details>
          <summary>All details</summary>
          <pre className="message">{JSON.stringify(detail, null, 2)}</pre>
        </details>
      )}
    </div>
  );
}

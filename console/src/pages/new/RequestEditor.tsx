/** The request as a form and as JSON, both of the same value; what the service says about it; preview, then provision. */
import { Link } from '@tanstack/react-router';
import { Sparkles } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Key } from 'react-aria-components';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import type { Model } from '../../api/model.ts';
import type { Request } from '../../api/provisioning.ts';
import { Button } from '../../components/Button.tsx';
import { Page } from '../../components/Page.tsx';
import { FieldView } from './FieldView.tsx';
import { FormContext } from './form-context.ts';
import { JsonView } from './JsonView.tsx';
import { PreviewResult } from './PreviewResult.tsx';
import type { Previewed } from './ProvisionPanel.tsx';
import { ProvisionPanel } from './ProvisionPanel.tsx';
import type { Path, Value } from './request-value.ts';
import { isRecord, pointerOf, withValue } from './request-value.ts';
import type { Field, Schema } from './schema-fields.ts';
import { fieldsOf } from './schema-fields.ts';
import { useValidation } from './use-validation.ts';

const CRUMB = { to: '/new', label: 'New pipeline' } as const;

export function RequestEditor({
  type,
  from,
  initial,
}: {
  type: Model<'PipelineType'>;
  /** The pipeline whose request it was. */
  from?: string | undefined;
  initial: Request;
}) {
  const [request, setRequest] = useState(initial);
  const [touched, setTouched] = useState<readonly string[]>([]);
  // A form that was just opened shows no faults; one that was sent shows them all.
  const [showsAll, setShowsAll] = useState(false);
  const [previewed, setPreviewed] = useState<Previewed>();
  const [tab, setTab] = useState<Key>('form');
  // A change of the request makes the preview one of another request.
  const preview = previewed?.of === request ? previewed.result : undefined;
  const shownTab = tab === 'preview' && !preview ? 'form' : tab;
  const [jsonProblem, setJsonProblem] = useState<string>();
  const validation = useValidation(request);
  const all = useMemo(() => validation.data?.faults ?? [], [validation.data]);
  const form = useMemo(
    () => ({
      faults: showsAll
        ? all
        : all.filter(({ pointer }) => touched.some((each) => pointer === each || pointer.startsWith(`${each}/`))),
      change: (path: Path, next: Value) =>
        setRequest((current) => {
          const changed = withValue(current, path, next);
          return isRecord(changed) ? changed : current;
        }),
      touch: (path: Path) => setTouched((known) => [...new Set([...known, pointerOf(path)])]),
    }),
    [all, showsAll, touched],
  );
  const fields = fieldsOf(type.requestSchema as Schema, Object.keys(request));
  return (
    <Page
      title={from ? `Provision ${from} again` : type.title}
      heading={from ? 'Provision again with changes' : type.title}
      crumb={CRUMB}
      facts={
        <>
          <span className="tag">{type.pipelineType}</span>
          {from ? (
            <Link to="/pipelines/$pipelineId" params={{ pipelineId: from }} className="wrap">
              {from}
            </Link>
          ) : (
            <span className="type-description">{type.description}</span>
          )}
        </>
      }
      actions={
        !from && (
          <Button onPress={() => setRequest(type.example)}>
            <Sparkles aria-hidden /> Fill in the example
          </Button>
        )
      }
    >
      <div className="review">
        <Tabs selectedKey={shownTab} onSelectionChange={setTab}>
          <TabList className="tab-list" aria-label="The request">
            <Tab id="form" className="tab">
              Form
            </Tab>
            <Tab id="json" className="tab">
              JSON
            </Tab>
            {preview && (
              <Tab id="preview" className="tab">
                Preview
              </Tab>
            )}
          </TabList>
          <TabPanel id="form" className="tab-panel">
            <FormContext value={form}>
              <Fields fields={fields} request={request} />
            </FormContext>
          </TabPanel>
          <TabPanel id="json" className="tab-panel">
            <JsonView request={request} faults={all} onChange={setRequest} onProblem={setJsonProblem} />
          </TabPanel>
          {preview && (
            <TabPanel id="preview" className="tab-panel stack">
              <PreviewResult preview={preview} />
            </TabPanel>
          )}
        </Tabs>
        <aside className="review-side" aria-label="Check and provision">
          <ProvisionPanel
            request={request}
            validation={validation}
            from={from}
            showsFaults={showsAll}
            jsonProblem={jsonProblem}
            onSent={() => {
              setShowsAll(true);
              if (all.length > 0) setTab('form');
            }}
            onPreviewed={(result) => {
              setPreviewed(result);
              setTab('preview');
            }}
          />
        </aside>
      </div>
    </Page>
  );
}

function Fields({ fields, request }: { fields: readonly Field[]; request: Request }) {
  const required = fields.filter((field) => field.required);
  // What is set counts as chosen; large groups come last.
  const optional = fields.filter((field) => !field.required);
  return (
    <div className="stack">
      <section className="card card-body form-fields" aria-label="Required">
        {required.map((field) => (
          <FieldView key={field.key} field={field} path={[field.key]} value={request[field.key]} />
        ))}
      </section>
      {optional.length > 0 && (
        <section className="card card-body form-fields" aria-labelledby="optional-fields">
          <h2 id="optional-fields">Options</h2>
          {optional.map((field) => (
            <FieldView key={field.key} field={field} path={[field.key]} value={request[field.key]} />
          ))}
        </section>
      )}
    </div>
  );
}

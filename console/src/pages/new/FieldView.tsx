/** One field of the form, by its kind. */
import { useState } from 'react';
import { Button as AriaButton, FieldError, Input, Label, Text, TextField } from 'react-aria-components';
import { LabeledSelect } from '../../components/LabeledSelect.tsx';
import { TextArea } from '../../components/TextArea.tsx';
import { FieldKey } from './FieldKey.tsx';
import type { FieldProps } from './form-context.ts';
import { useForm } from './form-context.ts';
import { GroupField, ListField, MapField } from './NestedFields.tsx';
import type { Path, Value } from './request-value.ts';
import { faultsAt, isRecord, looseText, parsedLoosely, parsedNumber } from './request-value.ts';
import type { Field } from './schema-fields.ts';
import { STAGES } from './schema-fields.ts';

export function FieldView({ field, path, value }: FieldProps) {
  if (field.perEnvironment) return <PerEnvironment field={field} path={path} value={value} />;
  return <SingleField field={field} path={path} value={value} />;
}

function SingleField({ field, path, value }: FieldProps) {
  // A value of another shape than the field's, as after an edit of the JSON, is shown as what it is.
  if (!fits(field, value)) return <JsonField field={field} path={path} value={value} />;
  switch (field.kind) {
    case 'group':
      return (
        <GroupField field={field} path={path} value={value}>
          {inner}
        </GroupField>
      );
    case 'list':
      return (
        <ListField field={field} path={path} value={value}>
          {inner}
        </ListField>
      );
    case 'map':
      return <MapField field={field} path={path} value={value} />;
    case 'json':
      return <JsonField field={field} path={path} value={value} />;
    case 'choice':
      return <ChoiceField field={field} choices={field.choices} path={path} value={value} />;
    case 'boolean':
      return <ChoiceField field={field} choices={YES_NO} path={path} value={value} />;
    default:
      return <TextInput field={field} path={path} value={value} />;
  }
}

const inner = (props: FieldProps) => <FieldView {...props} />;

function fits({ kind }: Field, value: Value): boolean {
  if (value === undefined) return true;
  if (kind === 'group' || kind === 'map') return isRecord(value);
  if (kind === 'list') return Array.isArray(value);
  return kind === 'json' || typeof value !== 'object' || value === null;
}

/** One value for all environments, or one for each. */
function PerEnvironment({ field, path, value }: FieldProps) {
  const { change } = useForm();
  const isSplit = isRecord(value) && STAGES.every((stage) => stage in value);
  const single = { ...field, perEnvironment: false };
  const toggle = () =>
    change(
      path,
      isSplit
        ? Object.values(value).find((each) => each !== '')
        : Object.fromEntries(STAGES.map((stage) => [stage, value ?? (field.kind === 'group' ? {} : '')])),
    );
  const button = (
    <AriaButton className="link-button" onPress={toggle}>
      {isSplit ? 'One value for all environments' : 'A value for each environment'}
      <span className="visually-hidden"> of {field.label}</span>
    </AriaButton>
  );
  if (!isSplit) {
    return (
      <div className="per-environment">
        <SingleField field={single} path={path} value={value} />
        {button}
      </div>
    );
  }
  return (
    <fieldset className="fieldset">
      <legend>
        {field.label} <FieldKey of={field} />
      </legend>
      <p className="field-hint">{field.description}</p>
      <div className="per-stage">
        {STAGES.map((stage) => (
          <SingleField
            key={stage}
            field={{ ...single, label: stage, key: '', description: '' }}
            path={[...path, stage]}
            value={value[stage]}
          />
        ))}
      </div>
      {button}
    </fieldset>
  );
}

function useProblem(path: Path, below = false): string | undefined {
  const { faults } = useForm();
  const own = faultsAt(faults, path, below);
  return own.length === 0 ? undefined : own.map(({ message }) => message).join(' ');
}

function TextInput({ field, path, value }: FieldProps) {
  const { change, touch } = useForm();
  const problem = useProblem(path, true);
  const { label, description, example, required, kind } = field;
  return (
    <TextField
      className="field"
      value={looseText(value)}
      onChange={(text) => change(path, kind === 'number' ? parsedNumber(text) : text === '' ? undefined : text)}
      onBlur={() => touch(path)}
      isInvalid={problem !== undefined}
      isRequired={required}
      validationBehavior="aria"
    >
      <Label>
        {label} <FieldKey of={field} />
      </Label>
      <Input
        autoComplete="off"
        spellCheck="false"
        inputMode={kind === 'number' ? 'decimal' : 'text'}
        placeholder={example === undefined ? '' : looseText(example)}
      />
      {description && (
        <Text slot="description" className="field-hint">
          {description}
        </Text>
      )}
      <FieldError className="field-error">{problem}</FieldError>
    </TextField>
  );
}

const YES_NO = ['true', 'false'];
const UNSET = '';

function ChoiceField({
  field,
  choices,
  path,
  value,
}: FieldProps & {
  choices: readonly (string | number)[];
}) {
  const { change, touch } = useForm();
  const problem = useProblem(path);
  const isBoolean = field.kind === 'boolean';
  const named = (choice: string | number) => (isBoolean ? (choice === 'true' ? 'Yes' : 'No') : String(choice));
  const known = choices.some((choice) => String(choice) === looseText(value));
  const chosen = (id: string) => {
    touch(path);
    if (id === UNSET) change(path, undefined);
    else change(path, isBoolean ? id === 'true' : choices.find((choice) => String(choice) === id));
  };
  return (
    <LabeledSelect
      label={
        <>
          {field.label} <FieldKey of={field} />
        </>
      }
      hint={field.description}
      problem={problem}
      value={looseText(value)}
      onChange={chosen}
      choices={[
        { id: UNSET, label: field.required ? 'Choose …' : 'Default' },
        ...choices.map((choice) => ({ id: String(choice), label: named(choice) })),
        ...(value === undefined || known ? [] : [{ id: looseText(value), label: looseText(value) }]),
      ]}
    />
  );
}

/** What no other field can show. */
function JsonField({ field, path, value }: FieldProps) {
  const { change } = useForm();
  const problem = useProblem(path, true);
  const [draft, setDraft] = useState<{ text: string; of: Value }>();
  const text = draft && draft.of === value ? draft.text : value === undefined ? '' : JSON.stringify(value, null, 2);
  const edit = (next: string) => {
    const parsed = next.trim() === '' ? undefined : parsedLoosely(next);
    setDraft({ text: next, of: parsed });
    change(path, parsed);
  };
  return (
    <TextArea
      label={
        <>
          {field.label} <FieldKey of={field} />
        </>
      }
      value={text}
      onChange={edit}
      isMono
      hint={`${field.description} As JSON${field.example === undefined ? '.' : `, such as ${JSON.stringify(field.example)}.`}`}
      problem={problem}
      isRequired={field.required}
    />
  );
}

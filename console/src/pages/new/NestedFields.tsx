/** Fields that hold others: objects, lists, and names with values. */
import { Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { Fragment, useState } from 'react';
import { Input, TextField } from 'react-aria-components';
import { Button } from '../../components/Button.tsx';
import { FieldKey } from './FieldKey.tsx';
import type { FieldProps } from './form-context.ts';
import { useForm } from './form-context.ts';
import type { Path, Value } from './request-value.ts';
import { faultsAt, isRecord, looseText, parsedLoosely, pointerOf } from './request-value.ts';
import type { Field } from './schema-fields.ts';

interface NestedProps<Kind extends Field['kind']> extends FieldProps {
  field: Field & { kind: Kind };
  /** Shows one of the fields inside. */
  children: (inner: FieldProps) => ReactNode;
}

interface FrameProps {
  field: Field;
  path: Path;
  /** The fields inside, which show their own faults. */
  inner: readonly Field[];
  children: ReactNode;
}

/** Name and description, and the faults of the value itself and of keys for which it has no field. */
function Frame({ field, path, inner, children }: FrameProps) {
  const { faults } = useForm();
  const shown = inner.map(({ key }) => pointerOf([...path, key]));
  const own = faultsAt(faults, path, true).filter(
    ({ pointer }) => !shown.some((each) => pointer === each || pointer.startsWith(`${each}/`)),
  );
  return (
    <fieldset className="fieldset">
      <legend>
        {field.label} <FieldKey of={field} />
      </legend>
      {field.description && <p className="field-hint">{field.description}</p>}
      {own.map(({ pointer, rule, message }) => (
        <p key={`${pointer} ${rule}`} className="field-error">
          {message}
        </p>
      ))}
      {children}
    </fieldset>
  );
}

export function GroupField({ field, path, value, children }: NestedProps<'group'>) {
  const { change } = useForm();
  const record = isRecord(value) ? value : undefined;
  const isOpen = record !== undefined || field.required;
  return (
    <Frame field={field} path={path} inner={isOpen ? field.fields : []}>
      {isOpen ? (
        <div className="nested">
          {field.fields.map((inner) => (
            <Fragment key={inner.key}>
              {children({ field: inner, path: [...path, inner.key], value: record?.[inner.key] })}
            </Fragment>
          ))}
          {!field.required && (
            <div>
              <Button small look="quiet" onPress={() => change(path, undefined)}>
                <Trash2 aria-hidden /> Remove {field.label.toLowerCase()}
              </Button>
            </div>
          )}
        </div>
      ) : (
        <div>
          <Button small onPress={() => change(path, {})}>
            <Plus aria-hidden /> Add {field.label.toLowerCase()}
          </Button>
        </div>
      )}
    </Frame>
  );
}

export function ListField({ field, path, value, children }: NestedProps<'list'>) {
  const { change } = useForm();
  const entries = Array.isArray(value) ? (value as Value[]) : [];
  const inner = field.item;
  return (
    <Frame field={field} path={path} inner={entries.map((_, index) => ({ ...inner, key: String(index) }))}>
      {entries.map((entry, index) => (
        <div key={index} className="list-entry">
          {children({
            field: { ...inner, label: `${field.label} ${index + 1}` },
            path: [...path, index],
            value: entry,
          })}
          <Button
            small
            icon
            look="quiet"
            aria-label={`Remove ${field.label} ${index + 1}`}
            onPress={() => {
              const rest = entries.toSpliced(index, 1);
              change(path, rest.length === 0 ? undefined : rest);
            }}
          >
            <Trash2 aria-hidden />
          </Button>
        </div>
      ))}
      <div>
        <Button small onPress={() => change(path, [...entries, inner.kind === 'group' ? {} : ''])}>
          <Plus aria-hidden /> Add to {field.label.toLowerCase()}
        </Button>
      </div>
    </Frame>
  );
}

/** Names and values, such as hyperparameters. */
export function MapField({ field, path, value }: FieldProps) {
  const { change } = useForm();
  const entries = Object.entries(isRecord(value) ? value : {});
  const [name, setName] = useState('');
  const isKnown = entries.some(([key]) => key === name);
  const add = () => {
    change([...path, name], '');
    setName('');
  };
  return (
    <Frame field={field} path={path} inner={[]}>
      {entries.map(([key, entry]) => (
        <div key={key} className="map-entry">
          <code className="wrap">{key}</code>
          <TextField
            aria-label={`${field.label}: ${key}`}
            className="field"
            value={looseText(entry)}
            onChange={(text) => change([...path, key], parsedLoosely(text))}
          >
            <Input autoComplete="off" />
          </TextField>
          <Button
            small
            icon
            look="quiet"
            aria-label={`Remove ${key}`}
            onPress={() => change([...path, key], undefined)}
          >
            <Trash2 aria-hidden />
          </Button>
        </div>
      ))}
      <div className="map-entry">
        <TextField aria-label={`New name in ${field.label}`} className="field" value={name} onChange={setName}>
          <Input placeholder="name" autoComplete="off" />
        </TextField>
        <Button isDisabled={name.trim() === '' || isKnown} onPress={add}>
          <Plus aria-hidden /> Add
        </Button>
      </div>
    </Frame>
  );
}

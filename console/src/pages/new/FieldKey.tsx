import type { Field } from './schema-fields.ts';

/** The key of a field as requests spell it. */
export function FieldKey({ of: { key, required } }: { of: Field }) {
  if (!key) return null;
  return (
    <>
      <code className="field-key">{key}</code>
      {!required && <span className="field-optional">optional</span>}
    </>
  );
}

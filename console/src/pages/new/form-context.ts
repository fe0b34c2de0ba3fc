import { createContext, use } from 'react';
import type { Fault } from '../../api/errors.ts';
import type { Path, Value } from './request-value.ts';
import type { Field } from './schema-fields.ts';

export interface FieldProps {
  field: Field;
  path: Path;
  value: Value;
}

interface FormContextValue {
  /** What the service finds wrong, as far as it is to be shown yet. */
  faults: readonly Fault[];
  change: (path: Path, next: Value) => void;
  /** A person has left the field: from now on its faults are shown. */
  touch: (path: Path) => void;
}

export const FormContext = createContext<FormContextValue>({
  faults: [],
  change: () => undefined,
  touch: () => undefined,
});

export function useForm(): FormContextValue {
  return use(FormContext);
}

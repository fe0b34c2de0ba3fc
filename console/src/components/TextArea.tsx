import type { ReactNode, Ref } from 'react';
import { FieldError, Label, Text, TextArea as AriaTextArea, TextField } from 'react-aria-components';

/** Several lines of text, with a label, a hint, and what is wrong with it. */
export function TextArea({
  label,
  value,
  onChange,
  hint,
  problem,
  rows = 3,
  isRequired = false,
  isMono = false,
  inputRef,
}: {
  label: ReactNode;
  value: string;
  onChange: (text: string) => void;
  hint?: string;
  /** Why the value is refused. */
  problem?: string | undefined;
  rows?: number;
  isRequired?: boolean;
  /** For code. */
  isMono?: boolean;
  inputRef?: Ref<HTMLTextAreaElement>;
}) {
  return (
    <TextField
      className="field"
      value={value}
      onChange={onChange}
      isInvalid={problem !== undefined}
      isRequired={isRequired}
      validationBehavior="aria"
    >
      <Label>{label}</Label>
      <AriaTextArea
        rows={rows}
        ref={inputRef ?? null}
        {...(isMono ? { className: 'mono', spellCheck: 'false' as const } : {})}
      />
      {hint && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error">{problem}</FieldError>
    </TextField>
  );
}

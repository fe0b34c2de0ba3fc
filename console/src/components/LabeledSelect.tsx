import type { ReactNode } from 'react';
import { FieldError, Label, Select as AriaSelect, Text } from 'react-aria-components';
import type { Choice } from './Select.tsx';
import { ChosenButton, Choices } from './Select.tsx';

/** A choice in a form: with a visible label, a hint, and what is wrong with it. */
export function LabeledSelect({
  label,
  choices,
  value,
  onChange,
  hint,
  problem,
}: {
  label: ReactNode;
  choices: readonly Choice[];
  value: string;
  onChange: (id: string) => void;
  hint?: string;
  problem?: string | undefined;
}) {
  return (
    <AriaSelect
      className="field"
      value={value}
      onChange={(key) => onChange(String(key ?? ''))}
      isInvalid={problem !== undefined}
      validationBehavior="aria"
    >
      <Label className="label">{label}</Label>
      <ChosenButton />
      {hint && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error">{problem}</FieldError>
      <Choices choices={choices} />
    </AriaSelect>
  );
}

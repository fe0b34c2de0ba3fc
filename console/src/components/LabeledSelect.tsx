import { Check, ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Button,
  FieldError,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select as AriaSelect,
  SelectValue,
  Text,
} from 'react-aria-components';
import { buttonClass } from './Button.tsx';
import type { Choice } from './Select.tsx';

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
      <Button className={`${buttonClass()} select-button`}>
        <SelectValue className="chosen" />
        <ChevronDown aria-hidden />
      </Button>
      {hint && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error">{problem}</FieldError>
      <Popover className="popover" offset={4}>
        <ListBox className="options" items={choices.map((choice) => ({ ...choice }))}>
          {(choice) => (
            <ListBoxItem id={choice.id} textValue={choice.label} className="option">
              {({ isSelected }) => (
                <>
                  <span className="grow">{choice.label}</span>
                  {isSelected && <Check aria-hidden />}
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

import { Check, ChevronDown } from 'lucide-react';
import { Button, ListBox, ListBoxItem, Popover, Select as AriaSelect, SelectValue } from 'react-aria-components';
import { buttonClass } from './Button.tsx';

export interface Choice {
  id: string;
  label: string;
}

/** One of several. `ANY` stands for no choice. */
export const ANY = 'any';

export function Select({
  label,
  choices,
  value,
  onChange,
}: {
  /** Read by screen readers: the chosen value is what is shown. */
  label: string;
  choices: readonly Choice[];
  value: string;
  onChange: (id: string) => void;
}) {
  return (
    <AriaSelect aria-label={label} value={value} onChange={(key) => onChange(String(key))}>
      <ChosenButton />
      <Choices choices={choices} />
    </AriaSelect>
  );
}

/** What a select shows while it is closed. */
export function ChosenButton() {
  return (
    <Button className={`${buttonClass()} select-button`}>
      <SelectValue className="chosen" />
      <ChevronDown aria-hidden />
    </Button>
  );
}

/** What a select shows while it is open. */
export function Choices({ choices }: { choices: readonly Choice[] }) {
  return (
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
  );
}

import { Search, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Input, SearchField as AriaSearchField } from 'react-aria-components';
import { Button } from './Button.tsx';

/** A person types faster than lists are worth reading. */
const SETTLED_MS = 250;

export function SearchField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (text: string) => void;
}) {
  const [text, setText] = useState(value);
  // What is in the address wins, as after going back.
  const [seen, setSeen] = useState(value);
  if (value !== seen) {
    setSeen(value);
    setText(value);
  }
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <AriaSearchField aria-label={label} className="search" value={text} onChange={setText} onSubmit={onChange}>
      <Search aria-hidden />
      <Input className="input" placeholder={label} />
      <Button look="quiet" small icon aria-label="Clear the search">
        <X aria-hidden />
      </Button>
    </AriaSearchField>
  );
}

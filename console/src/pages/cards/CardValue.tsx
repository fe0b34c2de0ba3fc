import { Facts } from '../../components/Facts.tsx';

/** A part of a card: names and values, lists of them, or text. */
export function CardValue({ value }: { value: unknown }) {
  if (Array.isArray(value)) {
    return (
      <ul className="stack">
        {value.map((entry, index) => (
          <li key={index}>
            <CardValue value={entry} />
          </li>
        ))}
      </ul>
    );
  }
  if (typeof value === 'object' && value !== null) {
    return (
      <Facts
        of={Object.entries(value).map(([key, inner]) => [titleOfKey(key), <CardValue key={key} value={inner} />])}
      />
    );
  }
  return <span className="wrap">{String(value)}</span>;
}

/** `model_overview` → `Model overview`. */
export function titleOfKey(key: string): string {
  const words = key.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

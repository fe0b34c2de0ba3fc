import { CopyButton } from './CopyButton.tsx';

/** Text to copy: a command, a request. Scrolls by itself where it is wide, so it can be focused. */
export function Code({ text, what }: { text: string; what: string }) {
  return (
    <div className="code">
      {/* Scrollable content must be reachable by keyboard. */}
      <pre tabIndex={0} role="region" aria-label={what}>
        {text}
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}

import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { announce } from '../layout/announcer.ts';
import { Button } from './Button.tsx';

const SHOWN_MS = 1_600;

/** @param what is copied, for its name: "Copy the id" */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    announce('Copied');
  };
  return (
    <Button look="quiet" small icon aria-label={`Copy ${what}`} onPress={() => void copy()}>
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
    </Button>
  );
}

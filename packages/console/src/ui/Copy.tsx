import { Check, Copy as CopyIcon } from 'lucide';
import { useState } from 'preact/hooks';
import { Button } from './Button.tsx';

interface CopyProps {
  readonly text: string;
  /** What is copied, in words: `the endpoint`. */
  readonly what: string;
  /** Shown beside the icon. Default: the icon alone. */
  readonly label?: string;
}

const shownMs = 1_500;

/** Copies a text. */
export function Copy({ text, what, label }: CopyProps) {
  const [isDone, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), shownMs);
  };
  const words = isDone ? 'Copied' : `Copy ${what}`;
  return (
    <Button kind="quiet" class="copy" icon={isDone ? Check : CopyIcon} aria-label={words} title={words} onClick={copy}>
      {label && (isDone ? 'Copied' : label)}
    </Button>
  );
}

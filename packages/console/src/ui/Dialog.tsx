import { X } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Button } from './Button.tsx';

interface DialogProps {
  readonly title: string;
  /** Called when the person closes it, by whatever way. */
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly isWide?: boolean;
}

/** A modal dialog. The browser keeps the focus in it, and gives it back to what opened it. */
export function Dialog({ title, onClose, children, isWide = false }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // One that is taken away closes, too, later: that must not close the one that took its place.
  const isGone = useRef(false);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => {
      isGone.current = true;
      element?.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog${isWide ? ' wide' : ''}`}
      aria-labelledby={titleId}
      onClose={() => isGone.current || onClose()}
    >
      <header>
        <h2 id={titleId}>{title}</h2>
        <Button kind="quiet" icon={X} aria-label="Close" onClick={() => dialog.current?.close()} />
      </header>
      {children}
    </dialog>
  );
}

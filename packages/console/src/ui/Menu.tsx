import { ChevronDown, type IconNode } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Icon } from './Icon.tsx';

interface MenuProps {
  readonly label: ComponentChildren;
  /** Read aloud in place of the label. */
  readonly name?: string;
  readonly icon?: IconNode;
  /** Whether something is chosen in it. */
  readonly isSet?: boolean;
  readonly kind?: 'plain' | 'quiet';
  /** Which edge of the button the panel keeps to. */
  readonly align?: 'start' | 'end';
  readonly hasArrow?: boolean;
  /** @param close closes the panel */
  readonly children: (close: () => void) => ComponentChildren;
}

/** A button that opens a panel beside itself; Escape, or a click elsewhere, closes it. */
export function Menu({
  label,
  name,
  icon,
  isSet,
  kind = 'plain',
  align = 'start',
  hasArrow = true,
  children,
}: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panelId = useId();
  const close = () => {
    if (root.current?.contains(document.activeElement)) button.current?.focus();
    setOpen(false);
  };
  useEffect(() => {
    if (!isOpen) return;
    const onElsewhere = ({ type, target }: Event) => {
      const inside = root.current;
      // A press on plain text in the panel focuses the view around it.
      const isAround = type === 'focusin' && inside !== null && (target as Node).contains(inside);
      if (!inside?.contains(target as Node) && !isAround) setOpen(false);
    };
    document.addEventListener('pointerdown', onElsewhere);
    document.addEventListener('focusin', onElsewhere);
    return () => {
      document.removeEventListener('pointerdown', onElsewhere);
      document.removeEventListener('focusin', onElsewhere);
    };
  }, [isOpen]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it listens to what its parts leave
    <div
      class="menu"
      ref={root}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return;
        event.stopPropagation();
        close();
      }}
    >
      <button
        type="button"
        ref={button}
        class={`button ${kind}${isSet ? ' set' : ''}${label ? '' : ' square'}`}
        aria-expanded={isOpen}
        aria-controls={isOpen ? panelId : undefined}
        aria-label={name}
        title={label ? undefined : name}
        onClick={() => setOpen(!isOpen)}
      >
        {icon && <Icon of={icon} />}
        {label}
        {hasArrow && <Icon of={ChevronDown} size={14} />}
      </button>
      {isOpen && (
        <div id={panelId} class="panel" data-align={align}>
          {children(close)}
        </div>
      )}
    </div>
  );
}

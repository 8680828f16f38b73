import type { ComponentChildren } from 'preact';
import { Link } from './Link.tsx';

interface NameCellProps {
  /** A path below the console. */
  readonly to: string;
  readonly name: string;
  /** The line below it; empty for none. */
  readonly sub?: string | null;
  /** Whether the line is one of names, as programs have them. */
  readonly isMono?: boolean;
  readonly children?: ComponentChildren;
}

/** The cell that names a row. What has no room is cut off, and whole on hover. */
export function NameCell({ to, name, sub, isMono = false, children }: NameCellProps) {
  return (
    <span class="name-cell">
      <Link to={to} title={name}>
        {name}
      </Link>
      {sub && (
        <span class={isMono ? 'sub mono' : 'sub'} title={sub}>
          {sub}
        </span>
      )}
      {children}
    </span>
  );
}

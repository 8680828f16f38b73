import type { IconNode } from 'lucide';
import { h } from 'preact';

interface IconProps {
  readonly of: IconNode;
  /** In pixels. Default: 16. */
  readonly size?: number;
}

/** A drawing beside words, which says nothing by itself. */
export function Icon({ of, size = 16 }: IconProps) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {of.map(([name, attributes], index) => h(name, { key: index, ...attributes }))}
    </svg>
  );
}

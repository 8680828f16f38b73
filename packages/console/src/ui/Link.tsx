import type { ComponentChildren } from 'preact';
import { useServices } from '../app/services.ts';

interface LinkProps {
  /** A path below the console. */
  readonly to: string;
  readonly params?: URLSearchParams;
  readonly class?: string;
  /** Shown on hover. */
  readonly title?: string;
  readonly children: ComponentChildren;
}

/** A link to a view. */
export function Link({ to, params, class: name, title, children }: LinkProps) {
  const { navigation } = useServices();
  return (
    <a href={navigation.href(to, params)} class={name} title={title}>
      {children}
    </a>
  );
}

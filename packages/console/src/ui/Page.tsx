import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useServices } from '../app/services.ts';

interface PageProps {
  /** The heading, and the browser's title. */
  readonly title: string;
  /** Beside the heading: a count, a state. */
  readonly beside?: ComponentChildren;
  /** Above the heading: where the page belongs. */
  readonly above?: ComponentChildren;
  /** One line below the heading. */
  readonly about?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A view: its heading, its actions, and what it shows. */
export function Page({ title, beside, above, about, actions, children }: PageProps) {
  const { navigation } = useServices();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Muster`;
  }, [title]);
  // A screen reader begins at the heading of a new view; going back leads to the place that was left.
  useEffect(() => {
    const move = navigation.lastMove();
    if (move !== 'load') heading.current?.focus({ preventScroll: true });
    if (move === 'on') scrollTo(0, 0);
  }, [navigation]);
  return (
    <div class="page">
      <header class="page-head">
        <div class="page-title">
          {above && <p class="above">{above}</p>}
          <div class="title-line">
            <h1 ref={heading} tabIndex={-1}>
              {title}
            </h1>
            {beside}
          </div>
          {about && <p class="about">{about}</p>}
        </div>
        {actions && <div class="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly {
    readonly name: string;
    readonly title: string;
    readonly href: string;
    readonly count?: number;
  }[];
  readonly current: string;
}

/** Parts of a view, each with a URL of its own (K6). */
export function Tabs({ label, tabs, current }: TabsProps) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ name, title, href, count }) => (
        <a key={name} href={href} aria-current={name === current ? 'page' : undefined}>
          {title}
          {count !== undefined && <span class="count">{count.toLocaleString('en-US')}</span>}
        </a>
      ))}
    </nav>
  );
}

interface CardProps {
  readonly title?: string;
  readonly beside?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A part of a view with a heading of its own. */
export function Card({ title, beside, class: more = '', children }: CardProps) {
  return (
    <section class={`card ${more}`}>
      {title && (
        <header>
          <h2>{title}</h2>
          {beside}
        </header>
      )}
      {children}
    </section>
  );
}

/** Names and values. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

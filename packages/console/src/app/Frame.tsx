import { CircleCheck, CircleX, Compass, Info, Menu as MenuIcon, X } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../ui/Button.tsx';
import { Empty } from '../ui/Feedback.tsx';
import { Icon } from '../ui/Icon.tsx';
import { Navigation } from './Navigation.tsx';
import { routeAt } from './routes.tsx';
import { StatusPill } from './StatusPill.tsx';
import { useServices } from './services.ts';
import { openShortcuts } from './shortcuts.ts';
import type { Tone } from './toasts.ts';

/** The frame of all views: the navigation, the view that the URL names, and what lies above them. */
export function Frame() {
  const services = useServices();
  const { navigation, label } = services;
  const { path } = navigation.place.value;
  const [isMenuOpen, setMenuOpen] = useState(false);
  useEffect(() => openShortcuts(services), [services]);
  // A new view closes the menu.
  useEffect(() => setMenuOpen(false), [path]);
  const route = routeAt(path);
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to content
      </button>
      {label && <EnvironmentBar label={label} />}
      <header class="top-bar">
        <Button
          kind="quiet"
          icon={isMenuOpen ? X : MenuIcon}
          aria-label={isMenuOpen ? 'Close navigation' : 'Open navigation'}
          aria-expanded={isMenuOpen}
          onClick={() => setMenuOpen(!isMenuOpen)}
        />
        <Brand />
        <StatusPill />
      </header>
      <div class={`side-bar${isMenuOpen ? ' open' : ''}`}>
        <Brand />
        <Navigation />
      </div>
      <main id="main" tabIndex={-1}>
        {route ? <RouteView key={route.key} draw={route.draw} /> : <NotFound />}
      </main>
      <DialogHost />
      <ToastList />
    </div>
  );
}

/** A view of its own for each path: nothing of one is left in the next. */
const RouteView = ({ draw }: { readonly draw: () => preact.ComponentChild }) => <>{draw()}</>;

function Brand() {
  const { navigation } = useServices();
  return (
    <a class="brand" href={navigation.href('/')}>
      <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
        <rect x="1" y="1" width="22" height="22" rx="6" fill="var(--accent)" />
        <g fill="var(--on-accent)">
          <circle cx="7.5" cy="8" r="1.9" />
          <circle cx="12" cy="8" r="1.9" />
          <circle cx="16.5" cy="8" r="1.9" />
          <circle cx="7.5" cy="12.5" r="1.9" />
          <circle cx="12" cy="12.5" r="1.9" />
          <circle cx="16.5" cy="12.5" r="1.9" opacity="0.45" />
          <rect x="5.6" y="16" width="12.8" height="1.8" rx="0.9" />
        </g>
      </svg>
      Muster
    </a>
  );
}

/** Which environment this is (K8): its words, in a colour that they choose. */
function EnvironmentBar({ label }: { readonly label: string }) {
  return (
    <div class="environment" data-hue={hueOf(label)} role="note" aria-label="Environment">
      {label}
    </div>
  );
}

function hueOf(label: string): string {
  if (/prod|live/i.test(label)) return 'red';
  if (/stag|pre|test|qa/i.test(label)) return 'amber';
  return 'blue';
}

function NotFound() {
  const { navigation } = useServices();
  return (
    <div class="page">
      <h1 class="hidden">Not found</h1>
      <Empty title="There is no such page" icon={Compass}>
        <a href={navigation.href('/')}>Go to the overview</a>
      </Empty>
    </div>
  );
}

function DialogHost() {
  const { dialogs } = useServices();
  return <>{dialogs.open.value?.(dialogs.close)}</>;
}

const toneIcons = { good: CircleCheck, bad: CircleX, neutral: Info } satisfies Record<Tone, unknown>;

function ToastList() {
  const { toasts } = useServices();
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.shown.value.map(({ id, tone, text }) => (
        <div key={id} class="toast" data-tone={tone}>
          <Icon of={toneIcons[tone]} />
          <span>{text}</span>
          <Button kind="quiet" icon={X} aria-label="Dismiss" onClick={() => toasts.dismiss(id)} />
        </div>
      ))}
    </div>
  );
}

import {
  Blocks,
  Crosshair,
  History,
  type IconNode,
  Info,
  KeyRound,
  Layers,
  LayoutDashboard,
  Package,
  Rocket,
  Server,
  UserRoundPlus,
} from 'lucide';
import type { ComponentChild } from 'preact';
import { EventsView } from '../views/events/EventsView.tsx';
import { OverviewView } from '../views/overview/OverviewView.tsx';
import { PendingView } from '../views/pending/PendingView.tsx';
import { PluginsView } from '../views/plugins/PluginsView.tsx';
import { PluginView } from '../views/plugins/PluginView.tsx';
import { SupervisorsView } from '../views/supervisors/SupervisorsView.tsx';
import { SupervisorView } from '../views/supervisors/SupervisorView.tsx';
import {
  AboutView,
  DeploymentsView,
  DeploymentView,
  KeysView,
  PlaceView,
  ReleasesView,
  ReleaseView,
  RolloutsView,
  RolloutView,
} from './lazyViews.tsx';

/** A view, and the paths at which it is shown. */
interface Route {
  /** Its groups are the parameters. */
  readonly path: RegExp;
  readonly draw: (parameters: Readonly<Record<string, string>>) => ComponentChild;
}

const routes: readonly Route[] = [
  { path: /^\/$/, draw: () => <OverviewView /> },
  { path: /^\/supervisors$/, draw: () => <SupervisorsView /> },
  { path: /^\/supervisors\/(?<id>[^/]+)$/, draw: ({ id = '' }) => <SupervisorView id={id} /> },
  { path: /^\/plugins$/, draw: () => <PluginsView /> },
  { path: /^\/plugins\/(?<id>[^/]+)$/, draw: ({ id = '' }) => <PluginView id={id} /> },
  { path: /^\/pending$/, draw: () => <PendingView /> },
  { path: /^\/events$/, draw: () => <EventsView /> },
  { path: /^\/deployments$/, draw: () => <DeploymentsView /> },
  { path: /^\/deployments\/(?<id>[^/]+)$/, draw: ({ id = '' }) => <DeploymentView id={id} /> },
  { path: /^\/releases$/, draw: () => <ReleasesView /> },
  { path: /^\/releases\/(?<id>[^/]+)$/, draw: ({ id = '' }) => <ReleaseView id={id} /> },
  { path: /^\/rollouts$/, draw: () => <RolloutsView /> },
  { path: /^\/rollouts\/(?<id>[^/]+)$/, draw: ({ id = '' }) => <RolloutView id={id} /> },
  { path: /^\/place$/, draw: () => <PlaceView /> },
  { path: /^\/keys$/, draw: () => <KeysView /> },
  { path: /^\/about$/, draw: () => <AboutView /> },
];

/** An entry of the navigation. */
interface NavigationEntry {
  readonly path: string;
  readonly title: string;
  readonly icon: IconNode;
  /** The key that goes there, behind `g`. */
  readonly key?: string;
}

export const navigationEntries: readonly (readonly NavigationEntry[])[] = [
  [
    { path: '/', title: 'Overview', icon: LayoutDashboard, key: 'o' },
    { path: '/supervisors', title: 'Supervisors', icon: Server, key: 's' },
    { path: '/plugins', title: 'Plugins', icon: Blocks, key: 'p' },
    { path: '/pending', title: 'Pending', icon: UserRoundPlus, key: 'n' },
  ],
  [
    { path: '/deployments', title: 'Deployments', icon: Layers, key: 'd' },
    { path: '/releases', title: 'Releases', icon: Package, key: 'c' },
    { path: '/rollouts', title: 'Rollouts', icon: Rocket, key: 'r' },
    { path: '/place', title: 'Place', icon: Crosshair, key: 'l' },
  ],
  [
    { path: '/events', title: 'Events', icon: History, key: 'e' },
    { path: '/keys', title: 'Keys', icon: KeyRound, key: 'k' },
    { path: '/about', title: 'About', icon: Info, key: 'a' },
  ],
];

/** Finds the view at a path. */
export function routeAt(path: string): { readonly key: string; readonly draw: () => ComponentChild } | null {
  for (const { path: pattern, draw } of routes) {
    const match = pattern.exec(path);
    if (match) return { key: match[0], draw: () => draw(match.groups ?? {}) };
  }
  return null;
}

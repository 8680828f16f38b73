import { lazyView } from './lazyView.tsx';

/** The views that are loaded when they are first shown. */
export const AboutView = lazyView(async () => (await import('../views/about/AboutView.tsx')).AboutView);
export const DeploymentsView = lazyView(
  async () => (await import('../views/deployments/DeploymentsView.tsx')).DeploymentsView,
);
export const DeploymentView = lazyView(
  async () => (await import('../views/deployments/DeploymentView.tsx')).DeploymentView,
);
export const KeysView = lazyView(async () => (await import('../views/keys/KeysView.tsx')).KeysView);
export const PlaceView = lazyView(async () => (await import('../views/place/PlaceView.tsx')).PlaceView);
export const ReleasesView = lazyView(async () => (await import('../views/releases/ReleasesView.tsx')).ReleasesView);
export const ReleaseView = lazyView(async () => (await import('../views/releases/ReleaseView.tsx')).ReleaseView);
export const RolloutsView = lazyView(async () => (await import('../views/rollouts/RolloutsView.tsx')).RolloutsView);
export const RolloutView = lazyView(async () => (await import('../views/rollouts/RolloutView.tsx')).RolloutView);

import type { Plugin } from '@muster/db';
import type { Source } from './firstOf.ts';

/** Where a plugin's callers reach it. */
export interface Endpoint {
  endpoint: string;
  /** The version of the plugin that answers there. */
  version: string;
}

/** The result of waiting: an endpoint, or the plugin's latest state when the time was up. */
export type WaitResult = { readonly endpoint: Endpoint } | { readonly plugin: Plugin };

/** Callers that wait for the same endpoint and share one subscription to changes. */
export interface EndpointWait {
  /** Resolves with an endpoint, or once the caller's time is up; rejects once the caller's right ends. */
  join(request: EndpointRequest, rightEnds: Source<never>): Promise<WaitResult>;
}

/** The part of one caller in a wait. */
export interface EndpointRequest {
  readonly waitMs: number;
  /** Returns the plugin to wait for, and installs it if need be. */
  readonly requestPlugin: () => Promise<Plugin>;
}

/** The waits of one process, by the text that names an endpoint's plugin, version and domain. */
export type EndpointWaits = Map<string, EndpointWait>;

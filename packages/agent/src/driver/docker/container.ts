import { identityOf } from '../identity.ts';
import type { Observed, ObservedPort } from '../observed.ts';

/** A container in the engine's list. @see https://docs.docker.com/reference/api/engine/version/v1.41/#operation/ContainerList */
export interface ListedContainer {
  readonly Id: string;
  readonly ImageID: string;
  readonly Labels: Readonly<Record<string, string>> | null;
}

/** A container as inspected. @see https://docs.docker.com/reference/api/engine/version/v1.41/#operation/ContainerInspect */
export interface InspectedContainer {
  readonly Id: string;
  readonly Config: { readonly Labels: Readonly<Record<string, string>> | null };
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Error: string;
    readonly StartedAt: string;
  };
  readonly HostConfig: { readonly NetworkMode: string };
  readonly NetworkSettings: {
    readonly Ports?: Readonly<
      Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>
    > | null;
  };
}

/** The label with the names of a container's ports, as JSON: the engine knows the numbers alone. */
export const portsLabel = 'muster.dev/ports';

/** A port as the label has it. */
interface LabelledPort {
  readonly name: string;
  readonly port: number;
}

/** The statuses of the engine. Any other, such as `paused` or Podman's `stopping`, is of one that has not ended. */
const statuses: Readonly<Record<string, Observed['status']>> = {
  created: 'CREATED',
  exited: 'ENDED',
  removing: 'ENDED',
  dead: 'ENDED',
};

/** A container as a list of the driver shows it; undefined if its labels aren't those of a plugin. */
export function observeContainer(container: InspectedContainer): Observed | undefined {
  const { Id, State, Config } = container;
  const identity = identityOf(Config.Labels ?? {});
  const status = statuses[State.Status] ?? 'RUNNING';
  if (identity === undefined) return undefined;
  // Year 1 where it was never started.
  const startedAtMs = Date.parse(State.StartedAt);
  return {
    id: Id,
    identity,
    status,
    startedAtMs: startedAtMs > 0 ? startedAtMs : null,
    exitCode: status === 'ENDED' ? State.ExitCode : null,
    reason: State.OOMKilled ? 'OOMKilled' : State.Error || null,
    ports: status === 'RUNNING' ? portsOf(container) : [],
  };
}

function portsOf({ Config, HostConfig, NetworkSettings }: InspectedContainer): ObservedPort[] {
  const labelled: readonly LabelledPort[] = JSON.parse(Config.Labels?.[portsLabel] ?? '[]');
  return labelled.flatMap(({ name, port }) => {
    if (HostConfig.NetworkMode === 'host') return [{ name, host: loopback, port, advertisedHost: null }];
    // Of IPv6 there may be another number.
    const bindings = NetworkSettings.Ports?.[`${port}/tcp`] ?? [];
    const binding = bindings.find(({ HostIp }) => !HostIp.includes(':')) ?? bindings[0];
    if (binding === undefined) return [];
    const isAnywhere = ['', '0.0.0.0', '::'].includes(binding.HostIp);
    const host = isAnywhere ? loopback : binding.HostIp;
    return [{ name, host, port: Number(binding.HostPort), advertisedHost: null }];
  });
}

const loopback = '127.0.0.1';

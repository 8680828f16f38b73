import type { HealthCheck, HealthCheckKind, ReleasePort } from './releaseSpec.ts';

/** A health check as it is asked for, before its defaults are filled in. */
type AskedHealthCheck = { readonly [Field in keyof HealthCheck]?: HealthCheck[Field] | null | undefined };

/** The fields that each kind of check has, beside its interval. */
const fieldsOf: Readonly<Record<HealthCheckKind, readonly (keyof HealthCheck)[]>> = {
  GRPC: ['port', 'service'],
  HTTP: ['port', 'path'],
  TCP: ['port'],
  NONE: [],
};

const defaultIntervalSeconds = 5;

/**
 * The health check of a plugin with these ports. Default: of the first port, by gRPC where it has a scheme of gRPC, otherwise
 * by a TCP connection; none where there is no port.
 *
 * @param refuse receives a problem, and the field that has it
 */
export function healthOf(
  asked: AskedHealthCheck,
  ports: readonly ReleasePort[],
  refuse: (field: keyof HealthCheck, expected: string) => void,
): HealthCheck {
  const port = asked.port == null ? ports[0] : ports.find(({ name }) => name === asked.port);
  const kind = asked.kind ?? defaultKind(port ?? ports[0]);
  for (const field of ['port', 'path', 'service'] as const) {
    if (asked[field] != null && !fieldsOf[kind].includes(field)) refuse(field, `expected none for the kind ${kind}`);
  }
  if (kind !== 'NONE' && !port) refuseLackingPort(ports, refuse);
  return {
    kind,
    port: kind === 'NONE' ? null : (port?.name ?? null),
    path: kind === 'HTTP' ? (asked.path ?? '/') : null,
    service: asked.service ?? null,
    intervalSeconds: asked.intervalSeconds ?? defaultIntervalSeconds,
  };
}

function refuseLackingPort(ports: readonly ReleasePort[], refuse: Parameters<typeof healthOf>[2]): void {
  if (ports.length === 0) refuse('kind', 'expected NONE, since there is no port to check');
  else refuse('port', `expected the name of a port: one of ${ports.map(({ name }) => name).join(', ')}`);
}

function defaultKind(port: ReleasePort | undefined): HealthCheckKind {
  if (!port) return 'NONE';
  return port.scheme === 'grpc' || port.scheme === 'grpcs' ? 'GRPC' : 'TCP';
}

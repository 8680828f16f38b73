import type { ConsoleBrowser } from './consoleBrowser.ts';

interface Assignment {
  readonly pluginId: string;
  readonly version: string;
  readonly generation: number;
}

/** Reports all that a supervisor is assigned as Active, as an agent does that has caught up. */
export async function reportAssigned(
  console: Pick<ConsoleBrowser, 'ask'>,
  name: string,
  supervisorId: string,
): Promise<void> {
  const { assignments } = await console.ask<{ assignments: readonly Assignment[] }>(
    'query ($id: ID!) { assignments(supervisorId: $id) { pluginId version generation } }',
    { id: supervisorId },
  );
  const plugins = assignments.map(({ pluginId, version, generation }) => ({
    pluginId,
    version,
    state: 'ACTIVE',
    observedGeneration: generation,
    endpoint: 'grpc://172.16.16.130:50051',
  }));
  await console.ask(
    'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { nextPublishInMs } }',
    { input: { domainId: 'acme', name, hostname: `${name}.acme.example`, plugins } },
  );
}

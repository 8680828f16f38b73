import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '@muster/core/testing';
import { graphql } from '../graphql.ts';

/** The fleet that is written to: supervisors of several domains, each with the same plugins. */
export interface WrittenFleet {
  readonly domains: readonly string[];
  readonly hostnames: readonly string[];
  readonly pluginIds: readonly string[];
  /** The ids that supervisors had when they last published, by `domain/hostname`. */
  readonly supervisorIds: Map<string, string>;
}

export interface WriterOptions {
  fleet: WrittenFleet;
  urls(): string[];
  random: Random;
  /** Called with descriptions of answers that no caller should ever see. */
  onProblem(problem: string): void;
}

const version = '1.0';
const publish =
  'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { supervisor { id } rejected { message } } }';
const commands = {
  register:
    'mutation ($input: RegisterSupervisorInput!) { registerSupervisor(input: $input) { supervisor { state } } }',
  enable: 'mutation ($input: EnableSupervisorInput!) { enableSupervisor(input: $input) { supervisor { state } } }',
  disable: 'mutation ($input: DisableSupervisorInput!) { disableSupervisor(input: $input) { supervisor { state } } }',
  recover: 'mutation ($input: RecoverPluginInput!) { recoverPlugin(input: $input) { plugin { state } } }',
  deregister:
    'mutation ($input: DeregisterSupervisorInput!) { deregisterSupervisor(input: $input) { deregisteredId } }',
} as const;
type Command = keyof typeof commands;
/** How often each is done: mostly what happens all the time. */
const mix: readonly ('publish' | Command)[] = [
  ...Array.from({ length: 11 }, () => 'publish' as const),
  ...Array.from({ length: 4 }, () => 'recover' as const),
  'register',
  'register',
  'enable',
  'disable',
  'deregister',
];

/** An agent's report of all its plugins. */
export async function report(
  url: string,
  fleet: WrittenFleet,
  place: { domainId: string; hostname: string },
  plugin: (pluginId: string) => { state: string; message: string },
): Promise<string | undefined> {
  const plugins = fleet.pluginIds.map((pluginId) => ({ pluginId, version, ...plugin(pluginId) }));
  const input = { ...place, name: place.hostname, plugins };
  const reply = await graphql<{ publishSupervisor: { supervisor: { id: string } } }>(url, publish, { input });
  const id = reply.data?.publishSupervisor.supervisor.id;
  if (id !== undefined) fleet.supervisorIds.set(`${place.domainId}/${place.hostname}`, id);
  return id ?? refusal(reply.errors);
}

/** Short operations through whichever replica is up, one after the other, until `over` aborts. */
export async function write(options: WriterOptions, over: AbortSignal): Promise<void> {
  const { random } = options;
  for (let count = 0; !over.aborted; count++) {
    const urls = options.urls();
    if (urls.length > 0) await attempt(options, random.one(urls), count);
    await delay(random.between(10, 90));
  }
}

async function attempt(options: WriterOptions, url: string, count: number): Promise<void> {
  const { random, fleet } = options;
  const place = { domainId: random.one(fleet.domains), hostname: random.one(fleet.hostnames) };
  const operation = random.one(mix);
  try {
    if (operation === 'publish') {
      const states = ['ACTIVE', 'ACTIVE', 'ERROR', 'PROVISIONING'];
      await report(url, fleet, place, () => ({ state: random.one(states), message: `report ${count}` }));
    } else await command(url, fleet, place, operation, random);
  } catch (error) {
    // A replica that is killed breaks off, or answers with half a text.
    if (!(error instanceof TypeError || error instanceof SyntaxError)) options.onProblem(String(error));
  }
}

async function command(
  url: string,
  fleet: WrittenFleet,
  { domainId, hostname }: { domainId: string; hostname: string },
  operation: Command,
  random: Random,
): Promise<void> {
  const supervisorId = fleet.supervisorIds.get(`${domainId}/${hostname}`);
  const plugin = operation === 'recover' ? { pluginId: random.one(fleet.pluginIds), version } : {};
  const force = operation === 'deregister' ? { force: true } : {};
  const input = { domainId, supervisorId, ...plugin, ...force };
  const reply = await graphql(url, commands[operation], { input });
  refusal(reply.errors);
}

/** The codes of legitimate refusals while databases and supervisors come and go. */
const expectedCodes = new Set(['UNAVAILABLE', 'SUPERVISOR_STATE', 'RECOVER_NOT_SUPPORTED', 'NOT_FOUND']);

function refusal(errors: { extensions: { code: string } }[] | undefined): undefined {
  const unexpected = errors?.filter(({ extensions }) => !expectedCodes.has(extensions.code)) ?? [];
  if (unexpected.length > 0) throw new Error(`an operation failed: ${JSON.stringify(unexpected)}`);
  return undefined;
}

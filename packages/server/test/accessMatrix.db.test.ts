import { randomBytes } from 'node:crypto';
import { type Capability, createApiKey, openCore, type Role, roles } from '@muster/core';
import { capabilities } from '@muster/core/testing';
import type { RolloutState } from '@muster/db';
import { openTestDatabase } from '@muster/db/testing';
import { buildSchema } from '@muster/schema';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../testing/index.ts';

/** The target of an operation: everything in one domain, created anew for each try. */
interface Target {
  domainId: string;
  supervisorId: string;
  /** A PENDING one. */
  newcomerId: string;
  instanceId: string;
  pluginId: string;
  keyId: string;
  rolloutId: string;
}

interface Entry {
  /** The capabilities that allow the operation, any of these (A1); null if every viewer may run it. */
  takes: readonly Capability[] | null;
  /** How it names whose it is about. */
  names: 'domain' | 'id' | 'nothing';
  /** An operation that works on the target. */
  operation(target: Target): string;
  /** The state in which it needs the rollout. Default: COMPLETED. */
  rolloutState?: RolloutState;
}

const id = (name: string, value: string) => `${name}: ${JSON.stringify(value)}`;
const input = (...fields: string[]) => `(input: { ${fields.join(', ')} })`;
const ofDomain = (
  takes: Capability | readonly Capability[],
  write: (domain: string, target: Target) => string,
): Entry => ({
  takes: [takes].flat(),
  names: 'domain',
  operation: (target) => write(id('domainId', target.domainId), target),
});
const ofId = (takes: Capability, operation: Entry['operation']): Entry => ({ takes: [takes], names: 'id', operation });
const command = (takes: Capability, write: (supervisor: string, target: Target) => string): Entry =>
  ofId(takes, (target) => `mutation { ${write(id('supervisorId', target.supervisorId), target)} }`);

const ofRollout = (name: string, rolloutState: RolloutState): Entry => ({
  ...ofId('operate', ({ rolloutId }) => `mutation { ${name}${input(id('rolloutId', rolloutId))} { rollout { id } } }`),
  rolloutState,
});

const pluginOf = ({ pluginId }: Target) => `${id('pluginId', pluginId)}, ${id('version', '1')}`;

const page = 'totalCount nodes { id domainId }';
const entries: Readonly<Record<string, Entry>> = {
  'Query.viewer': { takes: null, names: 'nothing', operation: () => '{ viewer { subject role domainId } }' },
  'Query.node': ofId('read', ({ instanceId }) => `{ node(${id('id', instanceId)}) { id } }`),
  'Query.nodes': ofId('read', ({ supervisorId }) => `{ nodes(ids: [${JSON.stringify(supervisorId)}]) { id } }`),
  'Query.supervisor': ofId('read', ({ supervisorId }) => `{ supervisor(${id('id', supervisorId)}) { id } }`),
  'Query.plugin': ofId('read', ({ instanceId }) => `{ plugin(${id('id', instanceId)}) { id } }`),
  'Query.supervisors': ofDomain('read', (domain) => `{ supervisors(${domain}) { ${page} } }`),
  'Query.plugins': ofDomain('read', (domain) => `{ plugins(${domain}) { ${page} } }`),
  'Query.events': ofDomain('read', (domain) => `{ events(${domain}) { ${page} } }`),
  'Query.supervisorStats': ofDomain('read', (domain) => `{ supervisorStats(${domain}, groupBy: [STATE]) { count } }`),
  'Query.pluginStats': ofDomain('read', (domain) => `{ pluginStats(${domain}, groupBy: [STATE]) { count } }`),
  'Query.apiKeys': ofDomain('operate', (domain) => `{ apiKeys(${domain}) { ${page} } }`),
  'Query.rollout': ofId('read', ({ rolloutId }) => `{ rollout(${id('id', rolloutId)}) { id } }`),
  'Query.rollouts': ofDomain('read', (domain) => `{ rollouts(${domain}) { id } }`),
  'Query.explainPlacement': ofDomain(
    'read',
    (domain, its) => `{ explainPlacement(${domain}, ${pluginOf(its)}) { supervisorId } }`,
  ),
  'Query.assignments': ofDomain(
    ['publish', 'operate'],
    (domain, { supervisorId }) => `{ assignments(${domain}, ${id('supervisorId', supervisorId)}) { id } }`,
  ),
  'Mutation.publishSupervisor': ofDomain(
    'publish',
    (domain) =>
      `mutation { publishSupervisor${input(domain, id('name', 'a'), id('hostname', 'a'))} { supervisor { id } } }`,
  ),
  'Mutation.registerSupervisor': ofId(
    'operate',
    ({ newcomerId }) => `mutation { registerSupervisor${input(id('supervisorId', newcomerId))} { supervisor { id } } }`,
  ),
  'Mutation.preregisterSupervisor': ofDomain(
    'operate',
    (domain, { supervisorId }) =>
      `mutation { preregisterSupervisor${input(domain, id('hostname', `new-${supervisorId}`))} { supervisor { id } } }`,
  ),
  'Mutation.updateSupervisor': command(
    'operate',
    (its) => `updateSupervisor${input(its, 'priority: 1')} { supervisor { id } }`,
  ),
  'Mutation.enableSupervisor': command('operate', (its) => `enableSupervisor${input(its)} { supervisor { id } }`),
  'Mutation.disableSupervisor': command('operate', (its) => `disableSupervisor${input(its)} { supervisor { id } }`),
  'Mutation.deregisterSupervisor': command(
    'operate',
    (its) => `deregisterSupervisor${input(its, 'force: true')} { deregisteredId }`,
  ),
  'Mutation.resetSupervisorSecret': command(
    'administer',
    (its) => `resetSupervisorSecret${input(its)} { supervisor { id } }`,
  ),
  'Mutation.recoverPlugin': command(
    'operate',
    (its, { pluginId }) => `recoverPlugin${input(its, id('pluginId', pluginId), id('version', '1'))} { plugin { id } }`,
  ),
  'Mutation.cordonSupervisor': command('operate', (its) => `cordonSupervisor${input(its)} { supervisor { id } }`),
  'Mutation.uncordonSupervisor': command('operate', (its) => `uncordonSupervisor${input(its)} { supervisor { id } }`),
  'Mutation.drainSupervisor': command('operate', (its) => `drainSupervisor${input(its)} { supervisor { id } }`),
  'Mutation.undrainSupervisor': command('operate', (its) => `undrainSupervisor${input(its)} { supervisor { id } }`),
  'Mutation.installPlugin': ofDomain(
    'operate',
    (domain, its) => `mutation { installPlugin${input(domain, pluginOf(its))} { plugin { id } } }`,
  ),
  'Mutation.uninstallPlugin': ofDomain(
    'operate',
    (domain, its) => `mutation { uninstallPlugin${input(domain, pluginOf(its))} { plugins { id } } }`,
  ),
  'Mutation.upgradePlugin': ofDomain('operate', (domain, { pluginId }) => {
    const upgrade = input(domain, id('pluginId', pluginId), id('from', '1'), id('to', '2'));
    return `mutation { upgradePlugin${upgrade} { rollout { id } } }`;
  }),
  'Mutation.pauseRollout': ofRollout('pauseRollout', 'PAUSED'),
  'Mutation.resumeRollout': ofRollout('resumeRollout', 'PAUSED'),
  'Mutation.cancelRollout': ofRollout('cancelRollout', 'PAUSED'),
  'Mutation.rollBackRollout': ofRollout('rollBackRollout', 'PAUSED'),
  'Mutation.promoteRollout': ofRollout('promoteRollout', 'AWAITING_PROMOTION'),
  'Mutation.retryRollout': ofRollout('retryRollout', 'COMPLETED'),
  'Mutation.acquirePluginEndpoint': ofDomain(
    'read',
    (domain, its) => `mutation { acquirePluginEndpoint${input(domain, pluginOf(its))} { state } }`,
  ),
  'Mutation.installPlugins': ofDomain(
    'operate',
    (domain, its) => `mutation { installPlugins${input(domain, pluginOf(its), 'all: true')} { items { id } } }`,
  ),
  'Mutation.uninstallPlugins': ofDomain('operate', (domain, its) => {
    const filter = `filter: { pluginId: { ${id('eq', its.pluginId)} } }`;
    return `mutation { uninstallPlugins${input(domain, filter)} { items { id } } }`;
  }),
  'Mutation.registerSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { registerSupervisors${input(domain, 'all: true', 'dryRun: true')} { items { id } } }`,
  ),
  'Mutation.deregisterSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { deregisterSupervisors${input(domain, 'all: true', 'dryRun: true')} { items { id } } }`,
  ),
  'Mutation.blockHostnames': ofDomain(
    'operate',
    (domain) => `mutation { blockHostnames${input(domain, 'all: true', 'dryRun: true')} { items { id } } }`,
  ),
  'Mutation.enableSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { enableSupervisors${input(domain, 'all: true')} { items { id } } }`,
  ),
  'Mutation.disableSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { disableSupervisors${input(domain, 'all: true', 'dryRun: true')} { items { id } } }`,
  ),
  'Mutation.cordonSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { cordonSupervisors${input(domain, 'all: true', 'dryRun: true')} { items { id } } }`,
  ),
  'Mutation.uncordonSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { uncordonSupervisors${input(domain, 'all: true', 'dryRun: true')} { items { id } } }`,
  ),
  'Mutation.drainSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { drainSupervisors${input(domain, 'all: true', 'dryRun: true')} { items { id } } }`,
  ),
  'Mutation.undrainSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { undrainSupervisors${input(domain, 'all: true', 'dryRun: true')} { items { id } } }`,
  ),
  'Mutation.recoverPlugins': ofDomain(
    'operate',
    (domain) => `mutation { recoverPlugins${input(domain, 'all: true')} { items { id } } }`,
  ),
  'Mutation.releaseHeldSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { releaseHeldSupervisors${input(domain)} { __typename } }`,
  ),
  'Mutation.createApiKey': ofDomain(
    'operate',
    (domain) => `mutation { createApiKey${input(domain, id('name', 'a'), 'role: VIEWER')} { apiKey { id } } }`,
  ),
  'Mutation.createEnrollmentKey': ofDomain(
    'operate',
    (domain) =>
      `mutation { createEnrollmentKey${input(domain, id('name', 'a'), 'maxNewcomers: 1')} { apiKey { id } } }`,
  ),
  'Query.blockedHostnames': ofDomain(
    'operate',
    (domain) => `{ blockedHostnames(${domain}) { totalCount nodes { domainId hostname } } }`,
  ),
  'Mutation.blockHostname': ofDomain(
    'operate',
    (domain) =>
      `mutation { blockHostname${input(domain, id('hostname', 'blocked'))} { blockedHostname { hostname } } }`,
  ),
  'Mutation.unblockHostname': ofDomain(
    'operate',
    (domain) => `mutation { unblockHostname${input(domain, id('hostname', 'unwelcome'))} { unblockedHostname } }`,
  ),
  'Mutation.revokeApiKey': ofId(
    'operate',
    ({ keyId }) => `mutation { revokeApiKey${input(id('id', keyId))} { apiKey { id } } }`,
  ),
  'Subscription.supervisorStateChanged': ofDomain(
    'read',
    (domain) => `subscription { supervisorStateChanged(${domain}) { cursor } }`,
  ),
  'Subscription.pluginStateChanged': ofDomain(
    'read',
    (domain) => `subscription { pluginStateChanged(${domain}) { cursor } }`,
  ),
  'Subscription.watchSupervisors': ofDomain(
    'read',
    (domain) => `subscription { watchSupervisors(${domain}) { type } }`,
  ),
  'Subscription.rolloutChanged': ofId(
    'read',
    ({ rolloutId }) => `subscription { rolloutChanged(${id('id', rolloutId)}) { cursor } }`,
  ),
  'Subscription.watchAssignments': ofDomain(
    ['publish', 'operate'],
    (domain, { supervisorId }) =>
      `subscription { watchAssignments(${domain}, ${id('supervisorId', supervisorId)}) { cursor } }`,
  ),
  'Subscription.watchPlugins': ofDomain('read', (domain) => `subscription { watchPlugins(${domain}) { type } }`),
};

let server: TestServer;
let target: (domainId: string, entry: Entry) => Promise<Target>;
let keys: Record<Role, string>;
const useless: Record<string, string | undefined> = {};
const [own, other] = ['own', 'other'].map((name) => `${name}-${randomBytes(4).toString('hex')}`) as [string, string];
const root = { subject: 'root', role: 'ADMIN', domainId: null } as const;

beforeAll(async () => {
  const db = await openTestDatabase();
  const maker = await openCore(db, { sweeps: false });
  const make = (role: Role, domainId: string | null, expiresAt: Date | null = null) =>
    createApiKey(maker.core, root, { name: role, role, domainId, expiresAt });
  const tokens = await Promise.all(
    roles.map(async (role) => [role, (await make(role, role === 'ADMIN' ? null : own)).token]),
  );
  keys = Object.fromEntries(tokens) as Record<Role, string>;
  const [expired, revoked] = [await make('ADMIN', null, new Date(Date.now() + 3_600_000)), await make('ADMIN', null)];
  await db.prisma.apiKey.update({ where: { id: expired.apiKey.id }, data: { expiresAt: new Date(0) } });
  await db.prisma.apiKey.update({ where: { id: revoked.apiKey.id }, data: { revokedAt: new Date() } });
  Object.assign(useless, { 'no credential': undefined, expired: expired.token, revoked: revoked.token });
  await maker.close();
  // Credentials that count for nothing come more often than one address may send them.
  server = await startTestServer({ db, env: { MUSTER_FAILED_CREDENTIALS_PER_MINUTE: '100000' } });

  let made = 0;
  target = async (domainId, { rolloutState = 'COMPLETED' }) => {
    made += 1;
    const supervisorId = `supervisor-${randomBytes(6).toString('hex')}`;
    const newcomerId = `supervisor-${randomBytes(6).toString('hex')}`;
    const instanceId = `instance-${randomBytes(8).toString('hex')}`;
    const pluginId = `plugin-${made}`;
    await db.prisma.supervisor.createMany({
      data: [
        { id: supervisorId, domainId, name: 'a', hostname: `h${made}`, state: 'ENABLED', registeredAt: new Date() },
        { id: newcomerId, domainId, name: 'b', hostname: `n${made}` },
      ],
    });
    await db.prisma.plugin.create({
      data: {
        id: instanceId,
        supervisorId,
        domainId,
        pluginId,
        version: '1',
        state: 'ACTIVE',
        managed: true,
        endpoint: 'grpc://a:1',
      },
    });
    const blocked = { domainId, hostnameKey: 'unwelcome' };
    await db.prisma.blockedHostname.upsert({
      where: { domainId_hostnameKey: blocked },
      create: { ...blocked, hostname: 'unwelcome', blockedBy: 'root' },
      update: {},
    });
    const keyId = `key-${randomBytes(6).toString('hex')}`;
    const key = {
      id: keyId,
      name: 'k',
      role: 'VIEWER',
      domainId,
      secretHash: new Uint8Array(32),
      createdBy: 'root',
    } as const;
    await db.prisma.apiKey.create({ data: key });
    const rolloutId = `rollout-${randomBytes(6).toString('hex')}`;
    await db.prisma.rollout.create({
      data: {
        id: rolloutId,
        domainId,
        pluginId: `upgraded-${made}`,
        fromVersion: '1',
        toVersion: '2',
        maxUnavailable: 1,
        healthyDeadlineSeconds: 1,
        deadlineAt: new Date(),
        state: rolloutState,
        endedAt: rolloutState === 'COMPLETED' ? new Date() : null,
        actor: 'root',
        steps: { create: { supervisorId, position: 0 } },
      },
    });
    return { domainId, supervisorId, newcomerId, instanceId, pluginId, keyId, rolloutId };
  };
});
afterAll(() => server.stop());

/** The outcome of an operation: DONE, NULL if there was nothing for the viewer, or the code of its refusal. */
async function outcome(query: string, token: string | undefined): Promise<string> {
  const isSubscription = query.startsWith('subscription');
  const cut = new AbortController();
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(isSubscription ? { accept: 'text/event-stream' } : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
    signal: cut.signal,
  });
  if (isSubscription && response.ok) return firstOf(response, cut);
  return outcomeOf(await response.json());
}

/** An open stream is one that was let in; one that was refused says so and ends. */
async function firstOf(response: Response, cut: AbortController): Promise<string> {
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const data = /^data: (.+)$/m.exec(text)?.[1];
    if (data !== undefined) {
      cut.abort();
      return outcomeOf(JSON.parse(data));
    }
    if (text.startsWith(':')) break;
  }
  cut.abort();
  return 'DONE';
}

function outcomeOf(reply: {
  data?: Record<string, unknown> | null;
  errors?: { extensions: { code: string } }[];
}): string {
  const [error] = reply.errors ?? [];
  if (error) return error.extensions.code;
  const [answer] = Object.values(reply.data ?? {}).flat();
  return answer === null ? 'NULL' : 'DONE';
}

/** A1 to A3. */
function expected(entry: Entry, isQuery: boolean, role: Role, foreign: boolean): string {
  if (entry.takes !== null && !entry.takes.some((capability) => capabilities[role][capability])) return 'FORBIDDEN';
  if (!foreign || role === 'ADMIN' || entry.names === 'nothing') return 'DONE';
  if (entry.names === 'domain') return 'FORBIDDEN';
  return isQuery ? 'NULL' : 'NOT_FOUND';
}

const schema = buildSchema();
const fields = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
  Object.keys(type?.getFields() ?? {}).map((name) => `${type?.name}.${name}`),
);

test('the matrix has every root field of the schema, and no other', () => {
  expect(Object.keys(entries).sort()).toEqual(fields.sort());
});

describe.each(Object.entries(entries))('%s', (name, entry) => {
  test.each(roles)('A1, A2, A3: is for %s what its role and domain say', async (role) => {
    for (const domainId of [own, other]) {
      const came = await outcome(entry.operation(await target(domainId, entry)), keys[role]);
      expect(came, domainId).toBe(expected(entry, name.startsWith('Query'), role, domainId === other));
    }
  });

  test('A4: is UNAUTHENTICATED without a credential that counts', async () => {
    const operation = entry.operation(await target(own, entry));
    for (const [what, token] of Object.entries(useless)) {
      expect(await outcome(operation, token), what).toBe('UNAUTHENTICATED');
    }
  });
});

import { randomBytes } from 'node:crypto';
import { createApiKey, openCore, type Role, roles } from '@muster/core';
import { capabilities } from '@muster/core/testing';
import { openTestDatabase } from '@muster/db/testing';
import { buildSchema } from '@muster/schema';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Entry, entries, type Target } from '../testing/accessEntries.ts';
import { startTestServer, type TestServer } from '../testing/index.ts';

/** The domain that keys are bound to, and another one. Each operation has its own, so that none finds what others left. */
interface Domains {
  readonly own: string;
  readonly other: string;
}

let server: TestServer;
let target: (domainId: string, entry: Entry) => Promise<Target>;
let keysFor: (domainId: string) => Promise<Record<Role, string>>;
const useless: Record<string, string | undefined> = {};
const root = { subject: 'root', role: 'ADMIN', domainId: null } as const;

beforeAll(async () => {
  const db = await openTestDatabase();
  const maker = await openCore(db, { sweeps: false });
  const make = (role: Role, domainId: string | null, expiresAt: Date | null = null) =>
    createApiKey(maker.core, root, { name: role, role, domainId, expiresAt });
  keysFor = async (domainId) => {
    const tokens = roles.map(async (role) => [role, (await make(role, role === 'ADMIN' ? null : domainId)).token]);
    return Object.fromEntries(await Promise.all(tokens)) as Record<Role, string>;
  };
  const [expired, revoked] = [await make('ADMIN', null, new Date(Date.now() + 3_600_000)), await make('ADMIN', null)];
  await db.prisma.apiKey.update({ where: { id: expired.apiKey.id }, data: { expiresAt: new Date(0) } });
  await db.prisma.apiKey.update({ where: { id: revoked.apiKey.id }, data: { revokedAt: new Date() } });
  Object.assign(useless, { 'no credential': undefined, expired: expired.token, revoked: revoked.token });
  // Credentials that count for nothing come more often than one address may send them.
  const started = await startTestServer({ db, env: { MUSTER_FAILED_CREDENTIALS_PER_MINUTE: '100000' } });
  server = {
    ...started,
    stop: async () => {
      await maker.close();
      await started.stop();
    },
  };

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
    const releaseId = `release-${randomBytes(6).toString('hex')}`;
    await db.prisma.release.create({
      data: { id: releaseId, domainId, pluginId: `released-${made}`, version: '1', spec: {}, createdBy: 'root' },
    });
    const deploymentId = `deployment-${randomBytes(6).toString('hex')}`;
    await db.prisma.deployment.create({
      data: {
        id: deploymentId,
        domainId,
        name: `deployed-${made}`,
        pluginId: `deployed-${made}`,
        version: '1',
        mode: 'COUNT',
        count: 0,
        maxUnavailable: 1,
        rolloutSettings: {},
        actor: 'root',
      },
    });
    return { domainId, supervisorId, newcomerId, instanceId, pluginId, keyId, rolloutId, releaseId, deploymentId };
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
  let domains: Domains;
  let keys: Record<Role, string>;
  /** By domain. A target that was refused, or only read, is as it was. */
  const untouched = new Map<string, Target>();
  const targetIn = async (domainId: string) => {
    const found = untouched.get(domainId) ?? (await target(domainId, entry));
    untouched.set(domainId, found);
    return found;
  };
  beforeAll(async () => {
    const suffix = randomBytes(4).toString('hex');
    domains = { own: `own-${suffix}`, other: `other-${suffix}` };
    keys = await keysFor(domains.own);
  });

  test.each(roles)('A1, A2, A3: is for %s what its role and domain say', async (role) => {
    for (const [whose, domainId] of Object.entries(domains)) {
      const came = await outcome(entry.operation(await targetIn(domainId)), keys[role]);
      if (came === 'DONE' && name.startsWith('Mutation')) untouched.delete(domainId);
      expect(came, whose).toBe(expected(entry, name.startsWith('Query'), role, whose === 'other'));
    }
  });

  test('A4: is UNAUTHENTICATED without a credential that counts', async () => {
    const operation = entry.operation(await targetIn(domains.own));
    for (const [what, token] of Object.entries(useless)) {
      expect(await outcome(operation, token), what).toBe('UNAUTHENTICATED');
    }
  });
});

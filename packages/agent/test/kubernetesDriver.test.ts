import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Driver } from '../src/driver/driver.ts';
import { type KubernetesDriverOptions, openKubernetesDriver } from '../src/driver/kubernetes/kubernetesDriver.ts';
import type { RunSpec } from '../src/driver/runSpec.ts';
import { type Behaviour, type ContractEngine, describeDriverContract, specOf } from '../testing/driverContract.ts';
import { type FakeCluster, openFakeCluster } from '../testing/fakeCluster/fakeCluster.ts';
import type { FakeCall } from '../testing/fakeServer/call.ts';

let fake: FakeCluster;
beforeAll(async () => {
  fake = await openFakeCluster();
  for (const behaviour of ['SERVES', 'FAILS', 'STUBBORN'] as const) fake.images.set(imageOf(behaviour), behaviour);
});
afterEach(() => {
  fake.onCall(() => undefined);
  fake.refusePods(null);
  fake.refuseNodes(null);
});
afterAll(() => fake.close());

const imageOf = (behaviour: Behaviour) => `registry.example/${behaviour.toLowerCase()}:1.0.0`;
const owner = 'owner-1';

const engine: ContractEngine = {
  open: (name) => open({ owner: name }),
  program: (behaviour) => ({ image: imageOf(behaviour), command: null, arguments: [], environment: {} }),
};
describeDriverContract('kubernetes, on a fake cluster', () => engine);

function open(options: Partial<KubernetesDriverOptions> = {}): Promise<Driver> {
  const { kubeconfigFile } = fake;
  return openKubernetesDriver({ owner, kubeconfigFile, imagePullSecrets: [], lookIntervalMs: 20, ...options });
}

/** A driver whose Deployments are gone after the test. */
async function openForTest(options: Partial<KubernetesDriverOptions> = {}): Promise<Driver> {
  const driver = await open(options);
  onTestFinished(async () => {
    fake.onCall(() => undefined);
    const cleaner = await open();
    for (const { id } of await cleaner.list()) await cleaner.remove(id);
    await driver.close();
  });
  return driver;
}

const spec = (changes: Partial<RunSpec> = {}): RunSpec => ({ ...specOf(engine, 'SERVES', { owner }), ...changes });
const podSpecOf = (id: string) => {
  const deployment = fake.objects.get(`deployments/${id}`) as { spec: { template: { spec: object } } } | undefined;
  return deployment?.spec.template.spec;
};

describe('the kubernetes driver', () => {
  test('applies a Deployment, a Service and a Secret under its name as field manager', async () => {
    const start = fake.calls.length;
    const id = await (await openForTest()).create(spec());
    const applied = fake.calls.slice(start).filter(({ method }) => method === 'PATCH');
    expect(applied.map(({ path }) => path.split('/').slice(-2).join('/'))).toEqual([
      `secrets/${id}`,
      `services/${id}`,
      `deployments/${id}`,
    ]);
    for (const { query, headers } of applied) {
      expect(query.get('fieldManager')).toBe('muster-agent');
      expect(headers['content-type']).toBe('application/apply-patch+yaml');
    }
  });

  test('G12: pods have bounds and no rights, and leave the environment to a Secret', async () => {
    const driver = await openForTest({ imagePullSecrets: ['registry'] });
    const id = await driver.create(spec({ command: ['/plugin'], arguments: ['-v'], environment: { TOKEN: 'hidden' } }));
    expect(podSpecOf(id)).toMatchObject({
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 10,
      imagePullSecrets: [{ name: 'registry' }],
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          image: imageOf('SERVES'),
          imagePullPolicy: 'IfNotPresent',
          command: ['/plugin'],
          args: ['-v'],
          env: [
            { name: 'PORT', value: '50051' },
            { name: 'PORT_GRPC', value: '50051' },
          ],
          envFrom: [{ secretRef: { name: id } }],
          resources: { limits: { memory: '256Mi', cpu: '500m' }, requests: { memory: '256Mi', cpu: '50m' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'], add: [] },
          },
        },
      ],
    });
    expect(JSON.stringify(fake.objects.get(`deployments/${id}`))).not.toMatch(/hidden|aGlkZGVu/);
    expect(fake.objects.get(`secrets/${id}`)).toMatchObject({ data: { TOKEN: 'aGlkZGVu' } });
  });

  test.each([
    ['1000', { runAsUser: 1_000, runAsGroup: 1_000, runAsNonRoot: true }],
    ['1000:2000', { runAsUser: 1_000, runAsGroup: 2_000, runAsNonRoot: true }],
    ['0', { runAsUser: 0, runAsGroup: 0, runAsNonRoot: false }],
  ])('G12: pods run as the user %s that the limits name', async (user, expected) => {
    const id = await (await openForTest()).create(spec({ limits: { ...spec().limits, user } }));
    expect(podSpecOf(id)).toMatchObject({ securityContext: expected });
  });

  test.each([
    ['HTTP', { httpGet: { path: '/healthz', port: 8080 } }],
    ['TCP', { tcpSocket: { port: 8080 } }],
    ['GRPC', { tcpSocket: { port: 8080 } }],
    ['NONE', undefined],
  ] as const)('G5: the cluster restarts a plugin of the health check %s that hangs', async (kind, expected) => {
    const health = { kind, port: 'http', path: '/healthz', service: null, intervalSeconds: 5 } as const;
    const ports = [
      { name: 'grpc', port: 50_051, scheme: 'grpc' },
      { name: 'http', port: 8080, scheme: 'http' },
    ];
    const id = await (await openForTest()).create(spec({ health, ports }));
    const [container] = (podSpecOf(id) as { containers: { livenessProbe?: object }[] }).containers;
    expect(container?.livenessProbe).toEqual(
      expected && { ...expected, periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 },
    );
  });

  test('G10: a plugin answers at its Service’s name, inside the cluster and for others', async () => {
    const driver = await openForTest();
    const id = await driver.create(spec());
    await driver.start(id);
    const host = `${id}.plugins.svc`;
    expect((await driver.list())[0]?.ports).toEqual([{ name: 'grpc', host, port: 50_051, advertisedHost: host }]);
  });

  test('a plugin without ports has no Service', async () => {
    const id = await (await openForTest()).create(spec({ ports: [] }));
    expect([...fake.objects.keys()].filter((key) => key.endsWith(id))).toEqual([`secrets/${id}`, `deployments/${id}`]);
  });

  test('G5: an image that never comes, and a crash again and again, are failures in the cluster’s words', async () => {
    const driver = await openForTest();
    await driver.start(await driver.create(spec({ image: 'registry.example/absent:1' })));
    expect(await driver.list()).toMatchObject([
      { status: 'FAILING', reason: expect.stringMatching(/^ImagePullBackOff: .*registry.example\/absent:1/) },
    ]);
    const failing = await driver.create(spec({ ...specOf(engine, 'FAILS', { owner }) }));
    await driver.start(failing);
    expect((await driver.list()).find(({ id }) => id === failing)).toMatchObject({
      status: 'FAILING',
      exitCode: 3,
      reason: expect.stringMatching(/^CrashLoopBackOff: /),
    });
  });

  test('a pod that no node has room for yet is on its way, and says so; one that may not be made is a failure', async () => {
    const driver = await openForTest();
    fake.refuseNodes('0/3 nodes are available: 3 Insufficient memory.');
    await driver.start(await driver.create(spec()));
    expect(await driver.list()).toMatchObject([
      { status: 'RUNNING', startedAtMs: null, reason: expect.stringContaining('Insufficient memory') },
    ]);
    fake.refusePods('pods "muster" is forbidden: exceeded quota');
    const forbidden = await driver.create(spec());
    await driver.start(forbidden);
    expect((await driver.list()).find(({ id }) => id === forbidden)).toMatchObject({
      status: 'FAILING',
      reason: expect.stringContaining('exceeded quota'),
    });
  });

  test('G2: takes no name that a Service of others has, and applies nothing then', async () => {
    const driver = await openForTest();
    const wanted = spec();
    const theirs = await openForTest({ owner: 'owner-2' });
    await theirs.create({ ...wanted, identity: { ...wanted.identity, owner: 'owner-2' } });
    (fake.objects as Map<string, object>).delete(`deployments/${wanted.name}`);
    onTestFinished(() => {
      for (const kind of ['services', 'secrets'])
        (fake.objects as Map<string, object>).delete(`${kind}/${wanted.name}`);
    });
    const start = fake.calls.length;
    await expect(driver.create(wanted)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    expect(fake.calls.slice(start).filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test('G1: what was broken off before the Deployment was there is made again', async () => {
    const driver = await openForTest();
    const wanted = spec();
    fake.onCall(({ method, path }) =>
      method === 'PATCH' && path.includes('/deployments/')
        ? { status: 500, message: 'etcdserver: leader changed' }
        : undefined,
    );
    await expect(driver.create(wanted)).rejects.toMatchObject({
      code: 'REFUSED',
      message: 'etcdserver: leader changed',
    });
    expect(await driver.list()).toEqual([]);
    fake.onCall(() => undefined);
    expect(await driver.create(wanted)).toBe(wanted.name);
    await driver.remove(wanted.name);
    expect([...fake.objects.keys()].filter((key) => key.endsWith(wanted.name))).toEqual([]);
  });

  test.each(['HANG', 'CUT'] as const)(
    'G7: an API server whose answer is %s is unavailable, and nothing is absent',
    async (fault) => {
      const driver = await openForTest({ timeoutMs: 100 });
      const id = await driver.create(spec());
      fake.onCall(() => fault);
      const calls = [
        () => driver.list(),
        () => driver.create(spec()),
        () => driver.start(id),
        () => driver.stop(id, 0),
        () => driver.remove(id),
        () => driver.logs(id, { tail: 1, follow: false })[Symbol.asyncIterator]().next(),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
      fake.onCall(() => undefined);
      expect(await driver.list()).toMatchObject([{ id }]);
    },
  );

  test('G7: pods that don’t end are not said to have ended', async () => {
    const driver = await openForTest({ timeoutMs: 100 });
    const id = await driver.create(specOf(engine, 'STUBBORN', { owner }));
    await driver.start(id);
    fake.onCall(({ method, path }) => (method === 'DELETE' && path.endsWith('/pods') ? 'HANG' : undefined));
    await expect(driver.stop(id, 0)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    expect(await driver.list()).toMatchObject([{ id, status: 'RUNNING' }]);
  });

  test('G1: hints end with a watch of the server', async () => {
    const driver = await openForTest();
    await driver.create(spec());
    const events = driver.events(new AbortController().signal)[Symbol.asyncIterator]();
    expect(await events.next()).toMatchObject({ done: false });
    fake.endWatches();
    await expect.poll(() => events.next()).toMatchObject({ done: true });
  });

  test('G1: a watch that stays silent ends, though its connection does not', async () => {
    const driver = await openForTest({ watchSeconds: 0, timeoutMs: 200 });
    await driver.create(spec());
    const events = driver.events(new AbortController().signal)[Symbol.asyncIterator]();
    await events.next();
    fake.silenceWatches();
    const untilTheEnd = async () => {
      while (!(await events.next()).done);
    };
    await expect(untilTheEnd()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  });

  test('a kubeconfig without a context is refused, with the place in agent.yaml', async () => {
    const file = join(fake.kubeconfigFile, '..', 'empty');
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'Config', clusters: [], users: [], contexts: [] }));
    await expect(open({ kubeconfigFile: file })).rejects.toThrow('kubernetes.context: expected');
  });

  test('G2: the cluster keeps the key of hashes, which is the same for the next agent of an owner, and in a Secret alone', async () => {
    const [first, next, other] = [await openForTest(), await openForTest(), await openForTest({ owner: 'owner-2' })];
    expect(first.hashKey?.()).toBeUndefined();
    for (const driver of [first, next, other]) await driver.list();
    const key = first.hashKey?.() ?? '';
    expect(key).toHaveLength(44);
    expect(next.hashKey?.()).toBe(key);
    expect(other.hashKey?.()).not.toBe(key);
    const holders = [...fake.objects].filter(([, object]) => JSON.stringify(object).includes(key));
    expect(holders.map(([name]) => name)).toEqual([expect.stringMatching(/^secrets\/muster-agent-key-[0-9a-f]{16}$/)]);
  });

  test('the Role in deploy/ allows each call that the driver makes, and nothing else', async () => {
    const start = fake.calls.length;
    const driver = await openForTest();
    const wanted = spec();
    const id = await driver.create(wanted);
    await driver.start(id);
    await driver.list();
    const events = driver.events(new AbortController().signal)[Symbol.asyncIterator]();
    await events.next();
    await events.return?.();
    for await (const _ of driver.logs(id, { tail: 1, follow: false }));
    await driver.stop(id, 0);
    await driver.remove(id);
    const needed = new Set(fake.calls.slice(start).flatMap(rightsOf));
    expect([...needed].sort()).toEqual([...allowedRights()].sort());
  });
});

/** The rights that a call needs, as `group resource verb`. An apply may have to create. */
function rightsOf({ method, path, query }: FakeCall): string[] {
  const [, group = '', kind = '', name, part] =
    /^\/(?:api|apis\/(apps))\/v1\/namespaces\/[^/]+\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(path) ?? [];
  const resource = `${group} ${part === undefined ? kind : `${kind}/${part}`}`;
  if (method === 'GET' && name === undefined)
    return [`${resource} ${query.get('watch') === 'true' ? 'watch' : 'list'}`];
  if (method === 'GET') return [`${resource} get`];
  if (method === 'DELETE') return [`${resource} ${name === undefined ? 'deletecollection' : 'delete'}`];
  return part === undefined ? [`${resource} patch`, `${resource} create`] : [`${resource} patch`];
}

function allowedRights(): Set<string> {
  const file = new URL('../../../deploy/kubernetes/agent-access.yaml', import.meta.url);
  const documents = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS());
  const role: { rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[] } = documents.find(
    ({ kind }) => kind === 'Role',
  );
  const rights = role.rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${group} ${resource} ${verb}`))),
  );
  return new Set(rights);
}

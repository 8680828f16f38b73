import { once } from 'node:events';
import type { FakeCall } from '../fakeServer/call.ts';
import { type Reply, refusal } from '../fakeServer/reply.ts';
import type { ClusterState, FakeDeployment, FakeObject } from './clusterState.ts';

/** The answer of the API server to a call, after it has done it. */
export function answerCluster(state: ClusterState, namespace: string, call: FakeCall): Reply {
  const core = `/api/v1/namespaces/${namespace}/`;
  const apps = `/apis/apps/v1/namespaces/${namespace}/`;
  if (call.headers.authorization !== 'Bearer a-token') return refusal(401, 'Unauthorized');
  const isOfCore = call.path.startsWith(core);
  if (!isOfCore && !call.path.startsWith(apps)) return refusal(404, 'the server could not find the requested resource');
  const [kind = '', name, part] = call.path.slice((isOfCore ? core : apps).length).split('/');
  if (isOfCore !== (kind !== 'deployments')) return refusal(404, 'the server could not find the requested resource');
  if (name === undefined) {
    if (call.method === 'DELETE' && kind === 'pods') return deletePods(state, call);
    return call.query.get('watch') === 'true' ? watchKind(state, kind, call) : listKind(state, kind, call);
  }
  if (kind === 'pods' && part === 'log') return readLog(state, name, call);
  return answerObject(state, call, { kind, name, part });
}

function answerObject(
  state: ClusterState,
  { method, body, headers }: FakeCall,
  { kind, name, part }: { kind: string; name: string; part: string | undefined },
): Reply {
  const key = `${kind}/${name}`;
  const found = state.objects.get(key);
  const isApplied = headers['content-type'] === 'application/apply-patch+yaml';
  if (method === 'PATCH' && part === undefined && isApplied) return apply(state, key, body as FakeObject);
  if (found === undefined) return refusal(404, `${kind} "${name}" not found`);
  // Of merge patches there is only the empty one, which changes nothing.
  if (method === 'GET' || (method === 'PATCH' && part === undefined)) return { status: 200, json: found };
  if (method === 'PATCH' && part === 'scale') {
    const deployment = found as FakeDeployment;
    deployment.spec.replicas = (body as { spec: { replicas: number } }).spec.replicas;
    state.happenings.emit('change', kind, found);
    state.reconcile(deployment);
    return { status: 200, json: {} };
  }
  state.objects.delete(key);
  state.happenings.emit('change', kind, found);
  for (const pod of state.pods.values()) {
    if (kind === 'deployments' && pod.metadata.name.startsWith(`${name}-`)) state.endPod(pod, 10_000);
  }
  return { status: 200, json: {} };
}

function apply({ objects, happenings }: ClusterState, key: string, object: FakeObject): Reply {
  const isNew = !objects.has(key);
  objects.set(key, object);
  happenings.emit('change', key.split('/')[0] ?? '', object);
  return { status: isNew ? 201 : 200, json: object };
}

function matches({ metadata }: FakeObject, { query }: FakeCall): boolean {
  const wanted = (query.get('labelSelector') ?? '').split(',').filter((each) => each !== '');
  return wanted.every((each) => {
    const [name = '', value] = each.split('=');
    return metadata.labels?.[name] === value;
  });
}

function allOf({ objects, pods }: ClusterState, kind: string): FakeObject[] {
  if (kind === 'pods') return [...pods.values()];
  return [...objects].filter(([key]) => key.startsWith(`${kind}/`)).map(([, object]) => object);
}

function listKind(state: ClusterState, kind: string, call: FakeCall): Reply {
  return { status: 200, json: { items: allOf(state, kind).filter((object) => matches(object, call)) } };
}

function watchKind(state: ClusterState, kind: string, call: FakeCall): Reply {
  return {
    send: async (write, ended) => {
      const tell = (type: string, object: FakeObject) => {
        if (matches(object, call)) write(`${JSON.stringify({ type, object })}\n`);
      };
      const onChange = (changed: string, object: FakeObject) => {
        if (changed === kind) tell('MODIFIED', object);
      };
      for (const object of allOf(state, kind)) tell('ADDED', object);
      state.happenings.on('change', onChange);
      await once(state.happenings, 'endWatches', { signal: ended }).catch(() => {});
      state.happenings.off('change', onChange);
    },
  };
}

function deletePods(state: ClusterState, call: FakeCall): Reply {
  const { gracePeriodSeconds = 30 } = (call.body ?? {}) as { gracePeriodSeconds?: number };
  for (const pod of state.pods.values()) if (matches(pod, call)) state.endPod(pod, gracePeriodSeconds * 1_000);
  return { status: 200, json: {} };
}

function readLog({ pods, happenings }: ClusterState, name: string, { query }: FakeCall): Reply {
  const pod = pods.get(name);
  if (pod === undefined) return refusal(404, `pods "${name}" not found`);
  const tail = Number(query.get('tailLines'));
  return {
    send: async (write, ended) => {
      for (const line of tail === 0 ? [] : pod.output.slice(-tail)) write(`${line}\n`);
      while (query.get('follow') === 'true' && pods.has(name) && !ended.aborted) {
        await once(happenings, 'write', { signal: ended }).catch(() => {});
      }
    },
  };
}

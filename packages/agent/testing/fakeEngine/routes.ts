import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeCall } from '../fakeServer/call.ts';
import { type Reply, refusal } from '../fakeServer/reply.ts';
import { type ContainerBody, type FakeContainer, frame, inspected, listed, newContainer } from './fakeContainer.ts';
import type { FakeState } from './fakeState.ts';

type Route = (state: FakeState, call: FakeCall, name: string) => Reply | Promise<Reply>;

/** The container of an id or a name; a route for it answers 404 where there is none. */
const ofContainer =
  (route: (state: FakeState, container: FakeContainer, call: FakeCall) => Reply | Promise<Reply>): Route =>
  (state, call, name) => {
    const found = [...state.containers.values()].find((each) => each.id === name || each.name === name);
    return found ? route(state, found, call) : refusal(404, `No such container: ${name}`);
  };

const routes: readonly (readonly [string, RegExp, Route])[] = [
  ['GET', /^\/version$/, ({ versions }) => ({ status: 200, json: versions })],
  ['GET', /^\/containers\/json$/, listContainers],
  ['POST', /^\/containers\/create$/, createContainer],
  [
    'GET',
    /^\/containers\/([^/]+)\/json$/,
    ofContainer((_, container) => ({ status: 200, json: inspected(container) })),
  ],
  ['POST', /^\/containers\/([^/]+)\/start$/, ofContainer(startContainer)],
  ['POST', /^\/containers\/([^/]+)\/stop$/, ofContainer(stopContainer)],
  ['DELETE', /^\/containers\/([^/]+)$/, ofContainer(removeContainer)],
  ['GET', /^\/containers\/([^/]+)\/logs$/, ofContainer(readLogs)],
  ['GET', /^\/events$/, followEvents],
  ['POST', /^\/images\/create$/, pullImage],
  ['GET', /^\/images\/json$/, listImages],
  ['GET', /^\/images\/(.+)\/json$/, inspectImage],
  ['DELETE', /^\/images\/(.+)$/, removeImage],
];

/** The engine's answer to a call, after it has done it. */
export async function answer(state: FakeState, call: FakeCall): Promise<Reply> {
  for (const [method, path, route] of routes) {
    const match = path.exec(call.path);
    if (method === call.method && match) return route(state, call, match[1] ?? '');
  }
  return refusal(404, `page not found: ${call.method} ${call.path}`);
}

function filtersOf({ query }: FakeCall): { label?: string[] } {
  return JSON.parse(query.get('filters') ?? '{}');
}

function hasLabels(labels: Readonly<Record<string, string>>, wanted: readonly string[] = []): boolean {
  return wanted.every((each) => {
    const [name = '', ...value] = each.split('=');
    return labels[name] === value.join('=');
  });
}

function listContainers({ containers }: FakeState, call: FakeCall): Reply {
  const { label } = filtersOf(call);
  const found = [...containers.values()].filter(
    ({ status, body }) => (call.query.get('all') === 'true' || status === 'running') && hasLabels(body.Labels, label),
  );
  return { status: 200, json: found.map(listed) };
}

function createContainer(state: FakeState, { query, body }: FakeCall): Reply {
  const name = query.get('name') ?? '';
  const wanted = body as ContainerBody;
  const image = state.images.get(wanted.Image);
  if (image === undefined) return refusal(404, `No such image: ${wanted.Image}`);
  if ([...state.containers.values()].some((each) => each.name === name)) {
    return refusal(409, `Conflict. The container name "/${name}" is already in use.`);
  }
  const container = newContainer(name, wanted, image.id);
  state.containers.set(container.id, container);
  state.emit('create', container);
  return { status: 201, json: { Id: container.id, Warnings: [] } };
}

function startContainer(state: FakeState, container: FakeContainer): Reply {
  if (container.status === 'running') return { status: 304 };
  state.start(container);
  return { status: 204 };
}

async function stopContainer(state: FakeState, container: FakeContainer, { query }: FakeCall): Promise<Reply> {
  if (container.status !== 'running') return { status: 304 };
  const graceMs = Number(query.get('t') ?? '10') * 1_000;
  const isStubborn = state.images.get(container.body.Image)?.behaviour === 'STUBBORN';
  if (isStubborn) await sleep(graceMs);
  state.end(container.id, isStubborn || graceMs === 0 ? 137 : 0);
  return { status: 204 };
}

function removeContainer(state: FakeState, container: FakeContainer, { query }: FakeCall): Reply {
  if (container.status === 'running' && query.get('force') !== 'true') {
    return refusal(
      409,
      'You cannot remove a running container. Stop the container before attempting removal or force remove',
    );
  }
  state.end(container.id, 137);
  state.containers.delete(container.id);
  state.emit('destroy', container);
  return { status: 204 };
}

function readLogs(state: FakeState, container: FakeContainer, { query }: FakeCall): Reply {
  const tail = Number(query.get('tail'));
  const isFollowed = query.get('follow') === 'true';
  return {
    send: async (write, ended) => {
      let sent = Math.max(0, container.output.length - tail);
      for (;;) {
        for (const line of container.output.slice(sent)) write(frame(line));
        sent = container.output.length;
        if (!isFollowed || container.status !== 'running' || ended.aborted) return;
        await once(state.happenings, 'write', { signal: ended }).catch(() => {});
      }
    },
  };
}

function followEvents({ happenings }: FakeState, call: FakeCall): Reply {
  const { label } = filtersOf(call);
  return {
    send: async (write, ended) => {
      const tell = (event: object) => {
        const { Actor } = event as { Actor: { Attributes: Record<string, string> } };
        if (hasLabels(Actor.Attributes, label)) write(`${JSON.stringify(event)}\n`);
      };
      happenings.on('event', tell);
      await once(happenings, 'endEvents', { signal: ended }).catch(() => {});
      happenings.off('event', tell);
    },
  };
}

function pullImage(state: FakeState, { query }: FakeCall): Reply {
  const tag = query.get('tag') ?? 'latest';
  const image = `${query.get('fromImage')}${tag.startsWith('sha256:') ? '@' : ':'}${tag}`;
  const behaviour = state.registry.get(image);
  if (behaviour === undefined) return refusal(404, `manifest for ${image} not found: manifest unknown`);
  return {
    send: async (write) => {
      state.pulls += 1;
      state.mostPulls = Math.max(state.mostPulls, state.pulls);
      write(`${JSON.stringify({ status: `Pulling from ${query.get('fromImage')}`, id: tag })}\n`);
      try {
        await state.waitForPull(image);
        state.images.set(image, { id: `sha256:id of ${image}`, behaviour, user: '' });
        write(`${JSON.stringify({ status: `Status: Downloaded newer image for ${image}` })}\n`);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        write(`${JSON.stringify({ errorDetail: { message }, error: message })}\n`);
      } finally {
        state.pulls -= 1;
      }
    },
  };
}

function listImages({ images }: FakeState): Reply {
  const byId = Map.groupBy(images, ([, { id }]) => id);
  const json = [...byId].map(([Id, named]) => {
    const names = named.map(([name]) => name);
    return {
      Id,
      RepoTags: names.filter((name) => !name.includes('@')),
      RepoDigests: names.filter((name) => name.includes('@')),
      Containers: -1,
    };
  });
  return { status: 200, json };
}

function inspectImage({ images }: FakeState, _: FakeCall, name: string): Reply {
  const found = images.get(name) ?? [...images.values()].find(({ id }) => id === name);
  if (found === undefined) return refusal(404, `No such image: ${name}`);
  const RepoTags = [...images].filter(([, { id }]) => id === found.id).map(([each]) => each);
  return { status: 200, json: { Id: found.id, RepoTags, Config: { User: found.user } } };
}

function removeImage({ images, containers }: FakeState, _: FakeCall, name: string): Reply {
  const named = [...images].filter(([each, { id }]) => each === name || id === name);
  const [first] = named;
  if (first === undefined) return refusal(404, `No such image: ${name}`);
  if (named.length > 1)
    return refusal(409, `unable to delete ${name} (must be forced) - image is referenced in multiple repositories`);
  if ([...containers.values()].some(({ imageId }) => imageId === first[1].id)) {
    return refusal(
      409,
      `conflict: unable to remove repository reference "${name}" - container is using its referenced image`,
    );
  }
  images.delete(first[0]);
  return { status: 200, json: [{ Untagged: first[0] }] };
}

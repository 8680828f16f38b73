import type { RegistriesConfig } from '../../config/agentConfig.ts';
import type { ImageStore, StoredImage } from '../driver.ts';
import { DriverError } from '../driverError.ts';
import { EngineRefusal } from '../http/engineRefusal.ts';
import { jsonLines } from '../http/jsonLines.ts';
import type { ListedContainer } from './container.ts';
import type { Engine } from './engine.ts';
import { imageSpellings, parseImage } from './imageReference.ts';
import { registryAuth } from './registryAuth.ts';

interface ListedImage {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
}

/** The part of an inspected image that is used. */
interface InspectedImage {
  readonly RepoTags: readonly string[] | null;
  readonly Config: { readonly User?: string } | null;
}

/** The images of an engine, and whom they run as. */
export interface DockerImages extends ImageStore {
  /** The user that an image names; empty where it names none. @throws DriverError REFUSED if the engine hasn't the image */
  userOf(image: string): Promise<string>;
}

/** @param registries the credentials, by the registry's host */
export function createImages(engine: Engine, registries: RegistriesConfig): DockerImages {
  const inspect = (image: string) =>
    engine.json<InspectedImage>({ method: 'GET', path: `/images/${pathOf(image)}/json` }).catch(absentAsUndefined);

  return {
    has: async (image) => (await inspect(image)) !== undefined,
    userOf: async (image) => {
      const found = await inspect(image);
      if (found === undefined) throw new DriverError('REFUSED', `the engine has no image ${image}`);
      return found.Config?.User ?? '';
    },
    pull: async (image, { signal, onProgress }) => {
      const { registry, repository, tag, digest } = parseImage(image);
      const auth = await registryAuth(registry, registries);
      const { chunks } = await engine
        .stream({
          method: 'POST',
          path: '/images/create',
          query: { fromImage: repository, tag: digest ?? tag ?? 'latest' },
          headers: auth === undefined ? {} : { 'x-registry-auth': auth },
          signal,
        })
        .catch((error: unknown) => {
          // Of an image that a registry hasn't, an engine says so by the status.
          throw error instanceof EngineRefusal ? new DriverError('REFUSED', error.message) : error;
        });
      for await (const line of jsonLines(chunks)) {
        const failure = failureIn(line);
        if (failure !== undefined) throw new DriverError('REFUSED', failure);
        onProgress();
      }
    },
    list: async () => {
      const images = await engine.json<ListedImage[]>({ method: 'GET', path: '/images/json' });
      const containers = await engine.json<ListedContainer[]>({
        method: 'GET',
        path: '/containers/json',
        query: { all: 'true' },
      });
      const used = new Set(containers.map(({ ImageID }) => ImageID));
      return images.map(
        ({ Id, RepoTags, RepoDigests }): StoredImage => ({
          id: Id,
          names: [...(RepoTags ?? []), ...(RepoDigests ?? [])].filter(isName).flatMap(imageSpellings),
          isUsed: used.has(Id),
        }),
      );
    },
    remove: async (id) => {
      const tags = (await inspect(id))?.RepoTags ?? [];
      // An engine removes by its id only an image that has one name. The last name takes the image with it.
      for (const name of tags.length > 1 ? tags : [id]) {
        await engine.send({ method: 'DELETE', path: `/images/${pathOf(name)}` }).catch((error: unknown) => {
          const isDone = error instanceof EngineRefusal && (error.status === 404 || error.status === 409);
          if (!isDone) throw error;
        });
      }
    },
  };
}

/** The words of an error in a line of progress. */
function failureIn(line: unknown): string | undefined {
  if (typeof line !== 'object' || line === null || !('error' in line)) return undefined;
  return typeof line.error === 'string' ? line.error : 'the fetch failed';
}

/** Whether it names an image: one that lost its name to a newer one has `<none>`. */
function isName(name: string): boolean {
  return !name.startsWith('<none>');
}

function pathOf(image: string): string {
  return image.split('/').map(encodeURIComponent).join('/');
}

function absentAsUndefined(error: unknown): undefined {
  if (error instanceof EngineRefusal && error.status === 404) return undefined;
  throw error;
}

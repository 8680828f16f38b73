import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchServer } from '../benchServer.ts';
import { type MusterServerOptions, startEmbeddedServer, startMusterServer } from '../musterServer.ts';
import type { Format } from '../reads/bodies.ts';
import { ways as readers } from '../reads/ways.ts';

/** The databases with the same supervisors. */
export interface Ground {
  readonly databaseUrl: string;
  /** The folder of an embedded one, which servers get copies of. */
  readonly folder: string;
}

/** A server that is ready to be started. */
interface Prepared extends AsyncDisposable {
  start(signal: AbortSignal): Promise<BenchServer>;
}

/** A server whose start is measured. */
export interface Way {
  /** The name on the command line. */
  readonly name: string;
  /** The name in the table. */
  readonly label: string;
  /** How it takes requests. */
  readonly format: Format;
  /** Prepares one start; what that needs is removed with the disposal. */
  prepare(ground: Ground): Promise<Prepared>;
}

/** The name of the server that all others are compared with. */
export const baseName = 'mercurius';

/** All servers, in the order of the table. @param options how Muster is started */
export function createWays(options: MusterServerOptions = {}): Way[] {
  const embedded = { format: 'graphql', label: 'Muster, embedded' } as const;
  return [
    ...readers.map(({ name, label, format, start }) => ({
      name,
      label,
      format,
      prepare: async ({ databaseUrl }: Ground) => ({
        start: (signal: AbortSignal) =>
          name === 'muster' ? startMusterServer(databaseUrl, signal, options) : start(databaseUrl, signal),
        [Symbol.asyncDispose]: async () => {},
      }),
    })),
    {
      ...embedded,
      name: 'embedded-new',
      label: `${embedded.label}, the first start in a folder`,
      prepare: () => prepareFolder(async () => {}, options),
    },
    {
      ...embedded,
      name: 'embedded',
      label: `${embedded.label}, a later start`,
      prepare: ({ folder }) => prepareFolder((copy) => cp(folder, copy, { recursive: true }), options),
    },
  ];
}

async function prepareFolder(fill: (folder: string) => Promise<void>, options: MusterServerOptions): Promise<Prepared> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-bench-'));
  await fill(folder);
  return {
    start: (signal) => startEmbeddedServer(folder, signal, options),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** All servers, as users start them. */
export const ways: readonly Way[] = createWays();

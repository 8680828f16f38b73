import { type FileHandle, open, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

/** The outcome of connecting to a claim's socket. */
export type SocketAnswer =
  /** A process listens: it lives, whatever its number is and in whichever namespace. */
  | 'alive'
  /** On this kernel, nobody listens there. */
  | 'dead'
  /** The system refused to tell, by its rights for instance. */
  | 'unknown';

/**
 * A folder's sockets. The system ends a process's sockets with it, however it ends, and knows no namespaces in doing so:
 * two containers that share a folder see each other.
 */
export class SocketFolder {
  readonly #folder: string;
  readonly #handle: FileHandle | undefined;

  private constructor(folder: string, handle: FileHandle | undefined) {
    this.#folder = folder;
    this.#handle = handle;
  }

  static async open(folder: string): Promise<SocketFolder> {
    return new SocketFolder(folder, process.platform === 'linux' ? await open(folder, 'r') : undefined);
  }

  /**
   * Listens at `name`, for as long as the process lives or until it is closed; keeps no process from ending.
   *
   * @returns undefined where sockets don't work in this folder, as on some network volumes
   */
  async listen(name: string): Promise<Server | undefined> {
    const server = createServer((socket) => socket.destroy());
    const listening = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(this.#pathOf(name), () => resolve(true));
    });
    if (!listening) return undefined;
    server.on('error', () => {});
    server.unref();
    if ((await this.ask(name)) === 'alive') return server;
    server.close();
    await unlink(join(this.#folder, name)).catch(() => {});
    return undefined;
  }

  ask(name: string): Promise<SocketAnswer> {
    return new Promise((resolve) => {
      const socket = connect(this.#pathOf(name));
      socket.once('connect', () => {
        socket.destroy();
        resolve('alive');
      });
      socket.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve('dead');
        // Too many wait to be accepted: somebody listens.
        else resolve(error.code === 'EAGAIN' ? 'alive' : 'unknown');
      });
    });
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }

  /** A socket's path has at most 107 bytes (Linux): through the open folder, the folder's own path doesn't count. */
  #pathOf(name: string): string {
    return this.#handle ? `/proc/self/fd/${this.#handle.fd}/${name}` : join(this.#folder, name);
  }
}

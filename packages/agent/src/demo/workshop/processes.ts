import { readdir, readFile, readlink } from 'node:fs/promises';

/** A process of this machine, as `ps` shows it. */
export interface FoundProcess {
  readonly pid: number;
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** The variables that it was started with. */
  readonly environment: ReadonlyMap<string, string>;
  /** The file that it writes its output to. */
  readonly outputFile: string;
}

/**
 * The processes that write their output to a file below a folder, as the machine itself shows them: in `/proc`, where `ps` has it from.
 * Those of other users, and those that end meanwhile, are none.
 */
export async function processesBelow(folder: string): Promise<FoundProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => readProcess(pid, `${folder}/`).catch(() => undefined)));
  return found.filter((each) => each !== undefined);
}

async function readProcess(pid: number, folder: string): Promise<FoundProcess | undefined> {
  // A file that was removed has a mark behind its name.
  const outputFile = (await readlink(`/proc/${pid}/fd/1`)).replace(/ \(deleted\)$/, '');
  if (!outputFile.startsWith(folder)) return undefined;
  const [command, environment] = await Promise.all([readTexts(pid, 'cmdline'), readTexts(pid, 'environ')]);
  const variables = environment.map((text): [string, string] => {
    const [name = '', ...value] = text.split('=');
    return [name, value.join('=')];
  });
  return { pid, command, environment: new Map(variables), outputFile };
}

/** Texts that each end with a zero byte. */
async function readTexts(pid: number, name: 'cmdline' | 'environ'): Promise<string[]> {
  return (await readFile(`/proc/${pid}/${name}`, 'utf8')).split('\0').slice(0, -1);
}

import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { askAgent } from './askAgent.ts';

/** The place of the claim in a folder. */
export const claimName = 'run';
/** How long an agent may take to say that it is there: one that hangs is there, too. */
const answerMs = 5_000;

/**
 * Claims a folder for the process that listens on a socket in it. The claim is a folder with that socket, brought to its
 * place at once, which the system allows where none is, or an empty one. No two sockets have one name: so what a
 * killed process left is removed by its name, and never what another one has put in its place meanwhile.
 *
 * @param socketName the name of the socket, which lies in the folder, and in the claim from then on
 * @returns false if another process has the folder, in whatever state that is
 */
export async function claimFolder(folder: string, socketName: string): Promise<boolean> {
  const claim = join(folder, claimName);
  const own = `${claim}-${socketName}`;
  mkdirSync(own);
  renameSync(join(folder, socketName), join(own, socketName));
  while (!tryRename(own, claim)) {
    for (const name of readdirSync(claim)) {
      if (await isAnswered(join(claim, name))) {
        rmSync(own, { recursive: true });
        return false;
      }
      rmSync(join(claim, name), { force: true });
    }
  }
  return true;
}

/** Whether the claim could be put in its place; false where another one is. */
function tryRename(own: string, claim: string): boolean {
  try {
    renameSync(own, claim);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST'))
      return false;
    throw error;
  }
}

/** Whether a process listens on a socket, in whatever state that is. */
export async function isAnswered(path: string): Promise<boolean> {
  try {
    const answer = await askAgent(path, 'GET', '/', AbortSignal.timeout(answerMs));
    answer.destroy();
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ABORT_ERR';
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';

/** The variable that marks the processes of a run. */
export const markName = 'MUSTER_PROCESS_MARK';

/*
 * The process that leads a plugin's group. It notes on descriptor 3 who it is, before the plugin starts, and with what
 * the plugin ended, since nobody else can once the agent that started it has gone. A signal to the group reaches the
 * plugin, too: the trap keeps the shell until the plugin ends, and is no trap in what it starts.
 */
const script = `
trap stopped=1 TERM INT HUP
read -r boot < /proc/sys/kernel/random/boot_id
read -r stat < /proc/$$/stat
printf '%s\\n%s\\n' "$boot" "$stat" >&3
code=143
if [ -z "$stopped" ]; then
  "$@" 3>&-
  code=$?
fi
printf '%s\\n\\n' "$code" >&3
exit "$code"
`;

/** How a plugin's process is started. */
export interface WrapperOptions {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Standard output and error are appended to it. */
  readonly logFile: string;
  /** Emptied, and then written by the wrapper. */
  readonly runFile: string;
  /** Whom it runs as; the agent's user where there is none. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** Starts a plugin in a session and a process group for it alone; it outlives this process. Rejects where no process can start. */
export async function spawnWrapped(options: WrapperOptions): Promise<ChildProcess> {
  const log = await open(options.logFile, 'a', 0o600);
  const notes = await open(options.runFile, 'w', 0o600);
  try {
    const child = spawn('/bin/sh', ['-c', script, 'muster-plugin', ...options.command], {
      cwd: '/',
      env: options.environment,
      detached: true,
      stdio: ['ignore', log.fd, log.fd, notes.fd],
      ...options.user,
    });
    await once(child, 'spawn');
    child.unref();
    return child;
  } finally {
    await Promise.all([log.close(), notes.close()]);
  }
}

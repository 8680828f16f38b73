import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { RegistriesConfig } from '../../config/agentConfig.ts';
import { DriverError } from '../driverError.ts';

const helperTimeoutMs = 30_000;

/** Docker Hub's name in credentials, which is older than its other one. */
const dockerHub = 'https://index.docker.io/v1/';

/**
 * The value of `X-Registry-Auth` for a registry; undefined where it needs none. Read anew for each fetch, since passwords
 * change. It is a secret: no message has it.
 *
 * @throws DriverError REFUSED if the password can't be had
 */
export async function registryAuth(registry: string, registries: RegistriesConfig): Promise<string | undefined> {
  const config = registries[registry];
  if (config === undefined) return undefined;
  const serveraddress = registry === 'docker.io' ? dockerHub : registry;
  const credentials =
    config.credentialHelper === undefined
      ? { username: config.username, password: await readPassword(registry, config.passwordFile ?? '') }
      : await askHelper(config.credentialHelper, serveraddress);
  const base64 = Buffer.from(JSON.stringify({ ...credentials, serveraddress })).toString('base64');
  // Docker's alphabet is that of URLs, but with padding, without which it reads nothing.
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}

async function readPassword(registry: string, file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : 'an error';
    throw new DriverError(
      'REFUSED',
      `registries.${registry}.passwordFile: expected a file that can be read; got ${reason}`,
    );
  }
}

/**
 * Asks a credential helper: the server's address on its standard input, JSON on its output.
 *
 * @see https://github.com/docker/docker-credential-helpers
 */
async function askHelper(name: string, server: string): Promise<Record<string, string>> {
  try {
    const asking = promisify(execFile)(`docker-credential-${name}`, ['get'], { timeout: helperTimeoutMs });
    const { stdin } = asking.child;
    // One that ends without reading shows by its end.
    stdin?.on('error', () => {});
    stdin?.end(server);
    const { Username, Secret } = JSON.parse((await asking).stdout);
    // By this name a helper says that the secret is a token.
    return Username === '<token>' ? { identitytoken: Secret } : { username: Username, password: Secret };
  } catch (error) {
    // No word of its output: that may be the secret.
    const reason = error instanceof Error && 'code' in error ? `it ended with ${error.code}` : 'it gave no credentials';
    throw new DriverError('REFUSED', `the credential helper docker-credential-${name} failed for ${server}: ${reason}`);
  }
}

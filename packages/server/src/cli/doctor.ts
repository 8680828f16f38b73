import { createServer } from 'node:net';
import { examineSetup, type Finding } from '@muster/db';
import { type Config, readConfig, unknownVariables } from '../config/config.ts';
import { ConfigError } from '../config/configError.ts';
import type { Environment } from '../config/variableText.ts';
import { type ListenAddress, listen } from '../security/listen.ts';
import type { Output } from './output.ts';

/**
 * Looks at all that a start looks at, and changes nothing: a line a finding.
 *
 * @returns the exit code: 1 if a server could not start so, else 0
 */
export async function doctor(environment: Environment, { out }: Output): Promise<number> {
  let hasFailed = false;
  const tell = ({ level, subject, message }: Finding) => {
    hasFailed ||= level === 'failure';
    out(`${level.padEnd(7)} ${subject}: ${message}`);
  };
  const config = readSettings(environment, tell);
  if (config !== null) {
    for (const finding of await examineDatabase(config)) tell(finding);
    for (const finding of await examinePorts(config)) tell(finding);
  }
  return hasFailed ? 1 : 0;
}

function readSettings(environment: Environment, tell: (finding: Finding) => void): Config | null {
  const subject = 'settings';
  for (const message of unknownVariables(environment)) tell({ subject, level: 'warning', message });
  try {
    const config = readConfig(environment);
    tell({ subject, level: 'ok', message: 'they are read' });
    return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    tell({ subject, level: 'failure', message: error.message });
    return null;
  }
}

function examineDatabase(config: Config): Promise<Finding[]> {
  return examineSetup({
    url: config.DATABASE_URL,
    dataDir: config.MUSTER_DATA_DIR,
    poolSize: config.MUSTER_DATABASE_POOL_SIZE,
  });
}

/** The ports are free, or a Muster has them. */
async function examinePorts(config: Config): Promise<Finding[]> {
  const isServed = await isMusterAt(config);
  const addresses: ListenAddress[] = [
    { variable: 'PORT', host: config.HOST, port: config.PORT },
    { variable: 'GRPC_PORT', host: config.HOST, port: config.GRPC_PORT },
  ];
  return Promise.all(addresses.map((address) => examinePort(address, isServed)));
}

async function examinePort(address: ListenAddress, isServed: boolean): Promise<Finding> {
  const { variable, host, port } = address;
  const subject = 'port';
  const probe = createServer();
  try {
    await listen(probe, address);
    return { subject, level: 'ok', message: `${variable}: ${host}:${port} is free` };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return isServed
      ? { subject, level: 'ok', message: `${variable}: ${host}:${port} is in use, by the Muster that runs here` }
      : { subject, level: 'failure', message: error.message };
  } finally {
    probe.close();
  }
}

async function isMusterAt({ HOST: host, PORT: port, MUSTER_TLS_CERT_FILE: certificate }: Config): Promise<boolean> {
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  try {
    const answer = await fetch(`${certificate === undefined ? 'http' : 'https'}://${place}/health`, {
      signal: AbortSignal.timeout(2_000),
    });
    return JSON.stringify(await answer.json()) === '{"status":"ok"}';
  } catch {
    return false;
  }
}

import { readFileSync } from 'node:fs';
import { validate } from 'dockerfile-utils';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { variables } from '../src/config/config.ts';
import { fileSuffix } from '../src/config/variableText.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const { version } = JSON.parse(read('packages/server/package.json')) as { version: string };
const names = Object.keys(variables).flatMap((name) => [name, name + fileSuffix]);

/** The part of an image's configuration that says how it runs. */
interface ImageConfig {
  User: string;
  Env: string[];
  WorkingDir: string;
  Entrypoint: string[];
  Cmd: string[];
  ExposedPorts: Record<string, object>;
  StopSignal: string;
  Healthcheck: { Test: string[]; Interval: number; Timeout: number; StartPeriod: number; Retries: number };
  Labels: Record<string, string>;
}
const image: ImageConfig = JSON.parse(read('deploy/images/server.json'));

/** The instructions of a Dockerfile in their order, a line each. */
const instructions = (text: string) =>
  text
    .replace(/^#.*\n/gm, '')
    .replace(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): [string, string] => [line.split(' ', 1)[0] ?? '', line.slice(line.indexOf(' ') + 1)]);

describe('deploy/Dockerfile', () => {
  const text = read('deploy/Dockerfile');
  const last = instructions(text.slice(text.lastIndexOf('\nFROM')));
  const given = (name: string) => last.filter(([word]) => word === name).map(([, rest]) => rest);

  test('has nothing that a check of Dockerfiles finds fault with', () => {
    expect(validate(text).map(({ message, range }) => `line ${range.start.line + 1}: ${message}`)).toEqual([]);
  });

  test('makes the image that deploy/image-offline.sh makes', () => {
    const seconds = (nanoseconds: number) => `${nanoseconds / 1e9}s`;
    const { Test, Interval, Timeout, StartPeriod, Retries } = image.Healthcheck;
    const [kind = '', ...command] = Test;
    const words = (list: readonly string[]) => JSON.stringify(list).replaceAll('","', '", "');
    expect(given('USER')).toEqual([image.User]);
    expect(given('ENV')).toEqual([image.Env.join(' ')]);
    expect(given('WORKDIR')).toEqual([image.WorkingDir]);
    expect(given('ENTRYPOINT')).toEqual([words(image.Entrypoint)]);
    expect(given('CMD')).toEqual([words(image.Cmd)]);
    expect(given('EXPOSE')).toEqual([Object.keys(image.ExposedPorts).join(' ')]);
    expect(given('STOPSIGNAL')).toEqual([image.StopSignal]);
    expect(given('HEALTHCHECK')).toEqual([
      `--interval=${seconds(Interval)} --timeout=${seconds(Timeout)} --start-period=${seconds(StartPeriod)} --retries=${Retries} ${kind} ${words(command)}`,
    ]);
    const [labels = ''] = given('LABEL');
    for (const [name, value] of Object.entries(image.Labels)) expect(labels).toContain(`${name}="${value}"`);
  });

  test('has this version, and the Node of the lockfile', () => {
    expect(given('ARG')).toContain(`VERSION=${version}`);
    const [, node] = /\n {2}node@(\d+\.\d+\.\d+):/.exec(read('pnpm-lock.yaml')) ?? [];
    expect(text).toContain(`ARG BUILD_IMAGE=node:${node}-bookworm-slim\n`);
  });

  test('names no image without a tag, fetches no file by itself, and is given no secret', () => {
    const all = instructions(text);
    const images = all.filter(([, rest]) => /^\w+_IMAGE=/.test(rest)).map(([, rest]) => rest.replace(/^\w+=/, ''));
    expect(images).toHaveLength(2);
    for (const each of images) expect(each).toMatch(/:(?!latest$)[\w.-]+$/);
    expect(all.filter(([word]) => word === 'ADD')).toEqual([]);
    expect(all.filter(([word, rest]) => /^(ARG|ENV)$/.test(word) && /SECRET|PASSWORD|TOKEN|KEY/.test(rest))).toEqual(
      [],
    );
  });

  test('is given neither what git ignores nor secrets', () => {
    const ignored = read('.dockerignore').split('\n');
    const git = read('.gitignore').split('\n').filter(Boolean);
    const names = git.map((line) => line.replace(/\/$/, ''));
    expect(ignored).toEqual(expect.arrayContaining(names.map((name) => (name.includes('/') ? name : `**/${name}`))));
    expect(ignored).toContain('deploy/secrets');
  });
});

/** A service of the compose file. */
interface Service {
  image: string;
  environment: Record<string, string>;
  secrets: string[];
  volumes?: string[];
  ports?: string[];
  stop_grace_period: string;
  restart: string;
  healthcheck: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  [other: string]: unknown;
}

describe('deploy/compose.yaml', () => {
  const file: {
    services: Record<'muster' | 'postgres', Service>;
    secrets: Record<string, { file: string }>;
    volumes: Record<string, unknown>;
  } = parse(read('deploy/compose.yaml'), { strict: true, uniqueKeys: true });
  const { muster, postgres } = file.services;

  test('sets no variable that the server has not', () => {
    expect(Object.keys(muster.environment).filter((name) => !names.includes(name))).toEqual([]);
    expect(image.Env.map((each) => each.split('=')[0]).filter((name = '') => !names.includes(name))).toEqual([
      'PATH',
      'NODE_ENV',
    ]);
  });

  test('runs this version of the image, as nobody with rights and with nothing to write to, and lets it stop in order', () => {
    expect(muster).toMatchObject({
      image: `muster:${version}`,
      read_only: true,
      tmpfs: ['/tmp'],
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      init: false,
      restart: 'unless-stopped',
      healthcheck: { test: image.Healthcheck.Test },
      depends_on: { postgres: { condition: 'service_healthy' } },
    });
    // The server ends within 10 s by itself.
    expect(Number.parseInt(muster.stop_grace_period, 10)).toBeGreaterThan(10);
    expect(muster.ports?.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
    expect(Number(/^postgres:(\d+)$/.exec(postgres.image)?.[1])).toBeGreaterThanOrEqual(15);
  });

  test('hands every secret over by a file, and each is there', () => {
    const used = new Set(Object.values(file.services).flatMap(({ secrets }) => secrets));
    expect([...used].sort()).toEqual(Object.keys(file.secrets).sort());
    for (const service of Object.values(file.services)) {
      const files = Object.entries(service.environment).filter(([name]) => name.endsWith(fileSuffix));
      expect(files.map(([, path]) => path).sort()).toEqual(
        service.secrets.map((name) => `/run/secrets/${name}`).sort(),
      );
      const texts = Object.keys(service.environment).filter((name) => !name.endsWith(fileSuffix));
      expect(texts.filter((name) => /PASSWORD|SECRET|KEY|URL/.test(name))).toEqual([]);
    }
    const guide = read('docs/operate/install.md');
    for (const { file: path } of Object.values(file.secrets)) expect(guide).toContain(`> deploy/${path}`);
  });

  test('keeps the database in a volume that has a name', () => {
    const [volume = ''] = postgres.volumes ?? [];
    expect(Object.keys(file.volumes)).toContain(volume.split(':')[0]);
  });
});

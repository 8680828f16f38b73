import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { PluginRecord } from '../plugin/record.ts';
import type { Wish } from '../plugin/wish.ts';

const release = z.object({
  image: z.string().nullable(),
  command: z.array(z.string()).nullable(),
  arguments: z.array(z.string()),
  environment: z.array(z.object({ name: z.string(), value: z.string().nullable(), secret: z.string().nullable() })),
  ports: z.array(z.object({ name: z.string(), port: z.int(), scheme: z.string() })),
  health: z.object({
    kind: z.enum(['GRPC', 'TCP', 'HTTP', 'NONE']),
    port: z.string().nullable(),
    path: z.string().nullable(),
    service: z.string().nullable(),
    intervalSeconds: z.number(),
  }),
  resources: z.object({ memoryMib: z.number().nullable(), cpuMillis: z.number().nullable() }),
  stopTimeoutSeconds: z.number(),
});

/** A wish as this version of the agent can keep it. */
export const wishSchema: z.ZodType<Wish> = z.object({
  domainId: z.string(),
  pluginId: z.string(),
  version: z.string(),
  generation: z.int(),
  release: release.nullable(),
});

const record = z.object({
  generation: z.int(),
  specHash: z.string(),
  failures: z.int(),
  nextTryAtMs: z.number().nullable(),
  countedStartMs: z.number().nullable(),
  message: z.string().nullable(),
});

/** The knowledge that the agent must have again after its own restart (G13). */
export interface AgentState {
  /** A change that an older agent can't read gets another number. */
  readonly format: 1;
  /** The value of the label `muster.dev/supervisor`, drawn at the first start. */
  readonly owner: string;
  /** The key of hashes that labels show and that secrets are part of, drawn at the first start (G2). */
  readonly hashKey: string;
  /** The list that was last accepted; null: none ever was, so nothing is known to be unwanted (G6). */
  readonly wishes: readonly Wish[] | null;
  /** The attempts, by `wishKey`. */
  readonly records: Readonly<Record<string, PluginRecord>>;
  /** The images that this agent fetched, and when each was last wanted, in milliseconds since 1970 (G11). */
  readonly images: Readonly<Record<string, number>>;
}

/** Draws a key that an agent keeps. */
export function drawHashKey(): string {
  return randomBytes(32).toString('base64');
}

/** The schema of the state file. */
export const stateSchema: z.ZodType<AgentState> = z.object({
  format: z.literal(1),
  owner: z.string(),
  hashKey: z.string().default(drawHashKey),
  wishes: z.array(wishSchema).nullable(),
  records: z.record(z.string(), record),
  images: z.record(z.string(), z.number()),
});

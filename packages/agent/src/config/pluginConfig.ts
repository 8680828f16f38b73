import { isAbsolute } from 'node:path';
import { z } from 'zod';

const text = z.string().min(1, 'expected a text');

/** The bounds that a plugin may have raised (G12). */
export const limitFields = {
  memoryMib: z.int().min(4),
  cpuMillis: z.int().min(10),
  pids: z.int().min(1),
  readOnlyRootFilesystem: z.boolean(),
  capabilities: z.array(z.string().regex(/^[A-Z_]+$/, 'expected a capability such as NET_RAW')),
  user: z.string().regex(/^\d+(:\d+)?$/, 'expected uid or uid:gid, in digits'),
};

/**
 * What agent.yaml says of one plugin: what its release leaves open (limits), and, for versions that have no release, what
 * to run (G14).
 */
export const pluginSchema = z.strictObject({
  /** For versions without a release, with `{pluginId}` and `{version}`. Default: `images.template`. */
  image: text.optional(),
  /** The program of the process driver, also where there is a release; it must be in `process.executables`. */
  executable: z
    .string()
    .refine((path) => isAbsolute(path), 'expected an absolute path of a program')
    .optional(),
  /** For versions without a release; so are the next four. */
  arguments: z.array(z.string()).default([]),
  environment: z.record(text, z.string()).default({}),
  ports: z
    .array(
      z.strictObject({
        name: text,
        port: z.int().min(1).max(65_535),
        scheme: z.enum(['grpc', 'grpcs', 'http', 'https', 'tcp']),
      }),
    )
    .default([{ name: 'grpc', port: 50_051, scheme: 'grpc' }]),
  health: z
    .strictObject({
      kind: z.enum(['grpc', 'tcp', 'http', 'none']).default('grpc'),
      port: text.optional(),
      path: z.string().startsWith('/').optional(),
      service: text.optional(),
      intervalSeconds: z.int().min(1).max(3_600).default(5),
    })
    .prefault({}),
  stopTimeoutSeconds: z.int().min(0).max(3_600).default(10),
  memoryMib: limitFields.memoryMib.optional(),
  cpuMillis: limitFields.cpuMillis.optional(),
  pids: limitFields.pids.optional(),
  readOnlyRootFilesystem: limitFields.readOnlyRootFilesystem.optional(),
  capabilities: limitFields.capabilities.optional(),
  user: limitFields.user.optional(),
});

import { z } from 'zod';
import { isStorable, perLimits, storableText, text } from '../base/validate.ts';
import { healthOf } from './healthCheck.ts';
import { imageLength, isImageReference } from './imageReference.ts';
import { type EnvironmentVariable, healthCheckKinds, portSchemes, type ReleaseSpec } from './releaseSpec.ts';

/** Bounds that no operator needs to change: whatever is larger is no plugin's make. */
const most = {
  arguments: 100,
  variables: 100,
  variableNameLength: 255,
  textLength: 4_096,
  /** Kubernetes' bound of a port's name. */
  portNameLength: 15,
  seconds: 3_600,
  /** 4 TiB. */
  memoryMib: 4_194_304,
  /** 1,000 cores. */
  cpuMillis: 1_000_000,
} as const;

/** An engine takes no container with less memory. */
const leastMemoryMib = 6;
const defaultStopTimeoutSeconds = 10;

/** Variables that the agent sets: docs/catalogue.md. */
const ofAgent = /^(?:PORT|PORT_.*|MUSTER_.*)$/;

/** A text of a command line or an environment, which may be empty and have several lines. */
const argument = z
  .string()
  .max(most.textLength, `expected at most ${most.textLength} characters`)
  .refine(isStorable, storableText);

const image = text(imageLength).refine(
  isImageReference,
  'expected an image with a tag or a digest, such as registry.example.com/team/collector:1.2.0',
);

const command = z
  .array(argument)
  .max(most.arguments)
  .refine(([program]) => program === undefined || program.trim() !== '', {
    message: 'expected the path of a program',
    path: [0],
  });

const variable = z
  .object({
    name: z
      .string()
      .max(most.variableNameLength)
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected letters, digits and _, and no digit first')
      .refine(
        (name) => !ofAgent.test(name),
        'expected another name than PORT, PORT_... and MUSTER_..., which agents set',
      ),
    value: argument.nullish(),
    // No path: an agent may look the name up in a folder.
    secret: z
      .string()
      .max(most.variableNameLength)
      .regex(
        /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/,
        'expected the name of a secret: letters, digits, and _ . - after the first',
      )
      .nullish(),
  })
  .superRefine(({ value, secret }, context) => {
    if (value == null && secret == null) {
      context.addIssue({ code: 'custom', message: 'expected a value, or the name of a secret', path: ['value'] });
    } else if (value != null && secret != null) {
      context.addIssue({ code: 'custom', message: 'expected none beside a value', path: ['secret'] });
    }
  })
  .transform(
    ({ name, value, secret }): EnvironmentVariable => ({ name, value: value ?? null, secret: secret ?? null }),
  );

const port = z.object({
  name: z
    .string()
    .max(most.portNameLength)
    .regex(/^[a-z](?:[a-z0-9-]*[a-z0-9])?$/, 'expected small letters, digits and -, a letter first and no - last'),
  port: z.int().min(1).max(65_535),
  scheme: z
    .enum(portSchemes, `expected one of ${portSchemes.join(', ')}`)
    .nullish()
    .transform((scheme) => scheme ?? 'grpc'),
});

const health = z.object({
  kind: z.enum(healthCheckKinds, `expected one of ${healthCheckKinds.join(', ')}`).nullish(),
  port: z.string().nullish(),
  path: z
    .string()
    .max(most.textLength)
    .regex(/^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*$/, 'expected the path of a URL, which begins with /')
    .nullish(),
  service: z
    .string()
    .max(most.variableNameLength)
    .regex(/^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/, 'expected the full name of a gRPC service')
    .nullish(),
  intervalSeconds: z.int().min(1).max(most.seconds).nullish(),
});

const resources = z
  .object({
    memoryMib: z.int().min(leastMemoryMib).max(most.memoryMib).nullish(),
    cpuMillis: z.int().min(1).max(most.cpuMillis).nullish(),
  })
  .transform(({ memoryMib, cpuMillis }) => ({ memoryMib: memoryMib ?? null, cpuMillis: cpuMillis ?? null }));

/** The schema of a release's spec, whose output is the canonical form. */
export const specSchema = perLimits((limits) =>
  z
    .object({
      /** Default: none, for an agent that knows images itself, or that starts processes. */
      image: image.nullish(),
      /** Default: the image's own. */
      command: command.nullish(),
      arguments: z.array(argument).max(most.arguments).nullish(),
      environment: z
        .array(variable)
        .max(most.variables)
        .superRefine((variables, context) => requireDistinct(variables, 'name', context))
        .nullish(),
      ports: z
        .array(port)
        .max(limits.endpointsPerPlugin)
        .superRefine((ports, context) => {
          requireDistinct(ports, 'name', context);
          requireDistinct(ports, 'port', context);
        })
        .nullish(),
      /** Default: by the first port's scheme, and none where there is no port. */
      health: health.nullish(),
      /** Default: the agent's. */
      resources: resources.nullish(),
      stopTimeoutSeconds: z.int().min(0).max(most.seconds).nullish(),
    })
    .transform((spec, context): ReleaseSpec => {
      const ports = spec.ports ?? [];
      return {
        image: spec.image ?? null,
        command: spec.command?.length ? spec.command : null,
        arguments: spec.arguments ?? [],
        environment: (spec.environment ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
        ports,
        health: healthOf(spec.health ?? {}, ports, (path, message) =>
          context.addIssue({ code: 'custom', message, path: ['health', path] }),
        ),
        resources: spec.resources ?? { memoryMib: null, cpuMillis: null },
        stopTimeoutSeconds: spec.stopTimeoutSeconds ?? defaultStopTimeoutSeconds,
      };
    })
    .refine(
      (spec) => Buffer.byteLength(JSON.stringify(spec)) <= limits.objectBytes,
      `expected at most ${limits.objectBytes} bytes of JSON`,
    ),
);

function requireDistinct<Item, Key extends keyof Item & string>(
  items: readonly Item[],
  key: Key,
  context: z.RefinementCtx,
): void {
  const seen = new Set<unknown>();
  for (const [i, item] of items.entries()) {
    if (seen.has(item[key])) {
      context.addIssue({ code: 'custom', message: `expected a ${key} that no other has`, path: [i, key] });
    }
    seen.add(item[key]);
  }
}

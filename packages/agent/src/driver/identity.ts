/** The identity of a thing that an engine has, as its labels say (G2). */
export interface Identity {
  /** The agent that made it and alone may touch it: `muster.dev/supervisor`. */
  readonly owner: string;
  /** The domain that asked for the plugin: `muster.dev/domain`. */
  readonly domainId: string;
  /** The id of the software: `muster.dev/plugin-id`. */
  readonly pluginId: string;
  /** `muster.dev/version`. */
  readonly version: string;
  /** The wish that it answers: `muster.dev/generation`. */
  readonly generation: number;
  /** A hash of what was asked to run, so that another spec is noticed: `muster.dev/spec-hash`. */
  readonly specHash: string;
  /** The version of the agent that made it: `muster.dev/agent-version`. */
  readonly agentVersion: string;
}

/** The names of the labels of an identity. A value may have any characters but control characters, and 255 of them. */
export const labelNames = {
  owner: 'muster.dev/supervisor',
  domainId: 'muster.dev/domain',
  pluginId: 'muster.dev/plugin-id',
  version: 'muster.dev/version',
  generation: 'muster.dev/generation',
  specHash: 'muster.dev/spec-hash',
  agentVersion: 'muster.dev/agent-version',
} as const satisfies Record<keyof Identity, string>;

/** The labels of an identity, by their names. */
export function labelsOf(identity: Identity): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labelNames).map(([field, name]) => [name, String(identity[field as keyof Identity])]),
  );
}

/** The identity that labels say; undefined where one lacks or the generation is no whole number. */
export function identityOf(labels: Readonly<Record<string, string>>): Identity | undefined {
  const read = (field: keyof Identity) => labels[labelNames[field]];
  const [owner, domainId, pluginId, version] = [read('owner'), read('domainId'), read('pluginId'), read('version')];
  const [generation, specHash, agentVersion] = [Number(read('generation')), read('specHash'), read('agentVersion')];
  if (owner === undefined || domainId === undefined || pluginId === undefined || version === undefined)
    return undefined;
  if (specHash === undefined || agentVersion === undefined || !Number.isSafeInteger(generation)) return undefined;
  return { owner, domainId, pluginId, version, generation, specHash, agentVersion };
}

/** Whether two identities are of one thing: the agent that finds it may have another version than the one that made it. */
export function isSameIdentity(one: Identity, other: Identity): boolean {
  return Object.keys(labelNames).every((field) => {
    const key = field as keyof Identity;
    return key === 'agentVersion' || one[key] === other[key];
  });
}

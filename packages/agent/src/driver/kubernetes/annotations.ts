import { type Identity, identityOf, labelNames, labelsOf } from '../identity.ts';
import type { RunSpec } from '../runSpec.ts';

/** The label by which pods belong to a Deployment and a Service: the spec's name. */
export const nameLabel = 'muster.dev/name';
/** The annotation with the names of a spec's ports, as JSON. */
const portsAnnotation = 'muster.dev/ports';

/** A port as the annotation has it. */
export interface AnnotatedPort {
  readonly name: string;
  readonly port: number;
}

/** The parts of any object of a cluster that say what it is. */
export interface ObjectMeta {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Says what an object is: the owner and the name in labels, by which they are selected, the whole identity in annotations,
 * since a label takes neither 64 characters nor a version such as `1.0.0+build`.
 */
export function metaOf({ name, identity, ports }: RunSpec): {
  name: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
} {
  return {
    name,
    labels: { ...selectionLabels(identity.owner, name), 'app.kubernetes.io/managed-by': 'muster-agent' },
    annotations: {
      ...labelsOf(identity),
      [portsAnnotation]: JSON.stringify(ports.map(({ name: portName, port }) => ({ name: portName, port }))),
    },
  };
}

/** The labels of an owner's thing, and of its pods. */
export function selectionLabels(owner: string, name: string): Record<string, string> {
  return { [labelNames.owner]: owner, [nameLabel]: name };
}

/** Labels as the API selects by them. */
export function selectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

/** The identity of an object; undefined if it is no plugin's. */
export function identityIn({ annotations }: ObjectMeta): Identity | undefined {
  return identityOf(annotations ?? {});
}

/** The ports of an object's spec. */
export function portsIn({ annotations }: ObjectMeta): readonly AnnotatedPort[] {
  return JSON.parse(annotations?.[portsAnnotation] ?? '[]');
}

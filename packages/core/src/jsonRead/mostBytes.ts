import type { Limits } from '../base/settings.ts';
import type { ColumnFormat } from './columnJson.ts';
import type { Member, Read } from './readParts.ts';

/** The most bytes of a character in JSON: `\u0001`. */
const bytesPerCharacter = 6;

/** The most bytes of a value in each format. */
type MostBytes = Readonly<Record<ColumnFormat, number>>;

/**
 * The most bytes of the JSON of reads, by the limits on what is stored; infinite where they read more than single rows.
 * A bound that they can't reach needs no look at their answer.
 */
export function mostBytesOf(reads: readonly Read[], limits: Limits): number {
  const { endpointLength, endpointsPerPlugin, objectBytes, messageLength } = limits;
  const most: MostBytes = {
    text: bytesPerCharacter * Math.max(endpointLength, messageLength),
    texts: bytesPerCharacter * (endpointLength + 1) * endpointsPerPlugin,
    word: 100,
    plain: 100,
    time: 100,
    // PostgreSQL writes spaces into objects, at most one for each byte.
    json: 2 * objectBytes,
  };
  let sum = 0;
  for (const read of reads) sum += ofRead(read, most);
  return sum;
}

function ofRead(read: Read, most: MostBytes): number {
  if ('constant' in read) return ofKey(read) + read.constant.length;
  if ('text' in read) return ofKey(read) + Buffer.byteLength(read.text);
  if ('supervisor' in read) return ofKey(read) + ofMembers(read.supervisor.members, most);
  if ('plugin' in read) return ofKey(read) + ofMembers(read.plugin.members, most);
  return Number.POSITIVE_INFINITY;
}

function ofMembers(members: readonly Member[], most: MostBytes): number {
  let sum = 2;
  for (const member of members) sum += ofKey(member) + ofMember(member, most);
  return sum;
}

function ofMember(member: Member, most: MostBytes): number {
  if ('constant' in member) return member.constant.length;
  if ('column' in member) return most[member.format];
  if ('derived' in member) return most[member.derived.format];
  if ('supervisor' in member) return ofMembers(member.supervisor, most);
  return Number.POSITIVE_INFINITY;
}

/** A member's name, with quotes, a colon and a comma. */
const ofKey = ({ key }: { readonly key: string }) => key.length + 4;

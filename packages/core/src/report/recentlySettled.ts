/** Supervisors that are kept in mind; a power of two. */
const places = 2 ** 16;

/**
 * Keeps in mind which reports were settled lately, so that one that isn't costs no look for it. It decides no answer: it
 * forgets, since supervisors share its places, and it knows nothing of other replicas.
 */
export class RecentlySettled {
  readonly #owners = new Int32Array(places);
  readonly #digests = new Int32Array(places);

  /** Whether a report may be settled; false where the supervisor's last one, as far as it is known, was another or was not. */
  mayBe(identity: string, digest: string): boolean {
    const owner = hashOf(identity);
    const place = placeOf(owner);
    return this.#owners[place] !== owner || this.#digests[place] === hashOf(digest);
  }

  /** @param digest of the supervisor's last report; null where it was not settled */
  note(identity: string, digest: string | null): void {
    const owner = hashOf(identity);
    const place = placeOf(owner);
    this.#owners[place] = owner;
    this.#digests[place] = digest === null ? 0 : hashOf(digest);
  }
}

function placeOf(owner: number): number {
  return owner & (places - 1);
}

/** FNV-1a, of the characters' codes. */
function hashOf(text: string): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return sum;
}

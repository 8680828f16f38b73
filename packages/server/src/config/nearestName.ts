/** The name that is most like another, or null where none is. */
export function nearestName(name: string, names: readonly string[]): string | null {
  const ranked = names
    .map((known) => ({ known, distance: Math.min(distance(name, known), distance(bare(name), bare(known))) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best && best.distance <= bare(name).length / 3 ? best.known : null;
}

/** Variables are often misspelt by their prefix alone: `MUSTER_PORT` for `PORT`. */
function bare(name: string): string {
  return name.replace(/^MUSTER_/, '');
}

/** How many letters must be changed, added or left out to make one of the other (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

import type { ImageStore } from '../driver/driver.ts';

/** The images that an agent fetched, and when each was last wanted, in milliseconds since 1970. */
export type FetchedImages = Readonly<Record<string, number>>;

/**
 * Removes the images that no plugin wants for so long (G11): only those that this agent fetched, and none that anything uses.
 *
 * @returns the images that it goes on to keep account of
 */
export async function collectImages(
  store: ImageStore,
  {
    fetched,
    wanted,
    keepMs,
    nowMs,
  }: { fetched: FetchedImages; wanted: ReadonlySet<string>; keepMs: number; nowMs: number },
): Promise<FetchedImages> {
  const kept: Record<string, number> = {};
  const stored = await store.list();
  for (const [name, lastWantedMs] of Object.entries(fetched)) {
    const image = stored.find(({ names }) => names.includes(name));
    if (!image) continue;
    const isWanted = wanted.has(name) || image.isUsed;
    if (!isWanted && nowMs - lastWantedMs >= keepMs) await store.remove(image.id);
    else kept[name] = isWanted ? nowMs : lastWantedMs;
  }
  return kept;
}

import { publishRelease, retireRelease } from '../../src/index.ts';
import type { TestCore, TestDomain } from '../testCore.ts';
import type { SeenPlugin, Sight } from './placementSight.ts';

/** C1: the versions whose releases are retired in a world. */
export class Retirements {
  readonly #t: TestCore;
  readonly #domain: TestDomain;
  readonly #now = new Set<string>();
  #atLook: ReadonlySet<string> = new Set();

  constructor(t: TestCore, domain: TestDomain) {
    this.#t = t;
    this.#domain = domain;
  }

  /** Publishes a version, unless it is there, and retires it. */
  async retire(version: { pluginId: string; version: string }): Promise<void> {
    const { core } = this.#t;
    const { id } = await publishRelease(core, this.#domain.operator, { ...version, spec: {} });
    await retireRelease(core, this.#domain.operator, { releaseId: id });
    this.#now.add(keyOf(version));
  }

  /** Leaves all versions without a release. No operation does this: soon nothing more could be placed. */
  async forget(): Promise<void> {
    await this.#t.db.sql.query('DELETE FROM releases WHERE domain_id = $1', [this.#domain.domainId]);
    this.#now.clear();
  }

  /** The plugins that came to be wanted since the last look, though their version was retired then and still is. */
  lookAt(before: Sight | undefined, after: Sight): SeenPlugin[] {
    const known = new Set(before?.wanted.map(({ id }) => id));
    const wasRetired = this.#atLook;
    this.#atLook = new Set(this.#now);
    return after.wanted.filter(
      (plugin) => !known.has(plugin.id) && wasRetired.has(keyOf(plugin)) && this.#now.has(keyOf(plugin)),
    );
  }
}

const keyOf = ({ pluginId, version }: { pluginId: string; version: string }) => `${pluginId} ${version}`;

import { describe, expect, it } from 'vitest';
import { pluginKey } from '../contract.ts';
import { domainIds, planFleet } from './fleet.ts';
import catalog from './plugins.json' with { type: 'json' };

describe('the fleet', () => {
  const fleet = planFleet();

  it('has 12 supervisors in 3 domains, told apart by domain and hostname', () => {
    expect(Map.groupBy(fleet, (plan) => plan.domainId).size).toBe(domainIds.length);
    expect(new Set(fleet.map((plan) => `${plan.domainId} ${plan.hostname}`)).size).toBe(12);
  });

  it('runs plugins that exist, each once on a supervisor, some in more than one place', () => {
    for (const plan of fleet) {
      expect(new Set(plan.plugins.map(pluginKey)).size).toBe(plan.plugins.length);
      for (const plugin of plan.plugins) {
        expect(catalog.plugin_ids).toContain(plugin.pluginId);
        expect(catalog.example_versions).toContain(plugin.version);
      }
    }
    const places = Map.groupBy(
      fleet.flatMap((plan) => plan.plugins),
      (plugin) => plugin.pluginId,
    );
    expect([...places.values()].some((plugins) => plugins.length > 1)).toBe(true);
  });

  it('is the same each time, so that a demo started again finds its supervisors', () => {
    expect(planFleet()).toEqual(fleet);
  });

  it('joins bit by bit', () => {
    const rounds = fleet.map((plan) => plan.joinsInRound);
    expect(rounds).toEqual([1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4]);
  });
});

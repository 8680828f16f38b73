import { expect, it } from 'vitest';
import { steadyOwner } from './steadyOwner.ts';

it("G2: the owner of a pod's plugins is a label's value, stays, and is no other agent's", () => {
  const hosts = [
    ['acme', 'edge-1'],
    ['acme-edge', '1'],
    ['acme', `${'long'.repeat(30)}-1`],
    ['acme', `${'long'.repeat(30)}-2`],
    ['.acme', 'ü'],
    ['.acme', 'ö'],
    [undefined, 'edge-1'],
    ['domain', 'edge-1'],
  ] as const;
  const owners = hosts.map(([domainId, hostname]) => steadyOwner(domainId, hostname));
  for (const owner of owners) expect(owner).toMatch(/^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?$/);
  expect(new Set(owners).size).toBe(hosts.length);
  expect(owners[0]).toMatch(/^acme-edge-1-[0-9a-f]{8}$/);
  expect(steadyOwner('acme', 'edge-1')).toBe(owners[0]);
});

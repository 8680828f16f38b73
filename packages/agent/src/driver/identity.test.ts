import { expect, it } from 'vitest';
import { type Identity, identityOf, labelsOf } from './identity.ts';
import { portVariables } from './runSpec.ts';

const identity: Identity = {
  owner: 'agent-1',
  domainId: 'acme',
  pluginId: 'collector',
  version: '1.0',
  generation: 3,
  specHash: 'abc',
  agentVersion: '0.1.0',
};

it('G2: labels say what a thing is, and are read back', () => {
  const labels = labelsOf(identity);
  expect(labels).toMatchObject({ 'muster.dev/supervisor': 'agent-1', 'muster.dev/generation': '3' });
  expect(identityOf({ ...labels, other: 'x' })).toEqual(identity);
});

it('G2: labels that lack one, or count no generation, say nothing', () => {
  const { 'muster.dev/domain': _, ...rest } = labelsOf(identity);
  expect(identityOf(rest)).toBeUndefined();
  expect(identityOf({ ...labelsOf(identity), 'muster.dev/generation': 'x' })).toBeUndefined();
});

it('a plugin finds its ports in its environment, by the first and by each name', () => {
  expect(portVariables([])).toEqual({});
  expect(
    portVariables([
      { name: 'grpc', port: 1 },
      { name: 'web-ui', port: 2 },
    ]),
  ).toEqual({ PORT: '1', PORT_GRPC: '1', PORT_WEB_UI: '2' });
});

import { describe, expect, test } from 'vitest';
import { refusalOf } from '../../testing/refusal.ts';
import { type Capability, can, domainFor, requireMayMakePublic, scopeFor } from './policy.ts';
import { openViewer, type Role, roles, type Viewer } from './viewer.ts';

const as = (role: Role, domainId: string | null = 'own'): Viewer => ({ subject: 'somebody', role, domainId });

const all: Capability[] = ['read', 'operate', 'publish', 'administer'];

describe('A1: what each role may', () => {
  test.each([
    ['VIEWER', ['read']],
    ['OPERATOR', ['read', 'operate']],
    ['SUPERVISOR', ['publish']],
    ['ADMIN', all],
  ] as const)('%s: %j', async (role, allowed) => {
    for (const capability of all) {
      const may = (allowed as readonly Capability[]).includes(capability);
      expect(can(as(role), capability)).toBe(may);
      if (may) expect(scopeFor(as(role), capability)).toEqual({ domainId: 'own' });
      else {
        const refusal = await refusalOf(() => scopeFor(as(role), capability));
        expect(refusal.code).toBe('FORBIDDEN');
        expect(refusal.message).toBe(`the role ${role} may not ${capability}`);
      }
    }
  });
});

describe('A2: the domain comes from the credential', () => {
  test('a request may repeat it', () => {
    expect(scopeFor(as('VIEWER'), 'read', 'own')).toEqual({ domainId: 'own' });
    expect(scopeFor(as('VIEWER'), 'read', null)).toEqual({ domainId: 'own' });
  });

  test('another is FORBIDDEN, whether it exists or not', async () => {
    const refusal = await refusalOf(() => scopeFor(as('OPERATOR'), 'read', 'other'));
    expect(refusal.code).toBe('FORBIDDEN');
    expect(refusal.message).toBe('expected domain own, which the credential is for; got other');
  });

  test('an ADMIN’s credential with a domain is for that domain alone', async () => {
    expect(scopeFor(as('ADMIN'), 'operate')).toEqual({ domainId: 'own' });
    expect(scopeFor(as('ADMIN'), 'operate', 'own')).toEqual({ domainId: 'own' });
    expect(await refusalOf(() => scopeFor(as('ADMIN'), 'operate', 'other'))).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('nobody but an ADMIN reaches all domains, even by a credential without one', async () => {
    expect(await refusalOf(() => scopeFor(as('OPERATOR', null), 'read'))).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('an ADMIN of none reads all, and names one where there must be one', async () => {
    expect(scopeFor(as('ADMIN', null), 'read')).toEqual({ domainId: null });
    expect(domainFor(as('ADMIN', null), 'publish', 'any')).toBe('any');
    const refusal = await refusalOf(() => domainFor(as('ADMIN', null), 'publish'));
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { path: ['domainId'] } });
  });

  test.each(['', 'a b', 'a/b', 'ä', 'x'.repeat(65)])('%j is no domain', async (domainId) => {
    const refusal = await refusalOf(() => scopeFor(as('ADMIN', null), 'read', domainId));
    expect(refusal.code).toBe('BAD_USER_INPUT');
    expect(refusal.message).toMatch(/^domainId: expected 1 to 64 of A-Z a-z 0-9 \. _ -; got /);
  });
});

test('S7: only an ADMIN makes a supervisor public', async () => {
  for (const role of roles) {
    if (role === 'ADMIN') requireMayMakePublic(as(role));
    else expect(await refusalOf(() => requireMayMakePublic(as(role)))).toMatchObject({ code: 'FORBIDDEN' });
  }
});

test('A5: without credentials everybody is an ADMIN of no single domain', () => {
  expect(openViewer).toMatchObject({ role: 'ADMIN', domainId: null });
});

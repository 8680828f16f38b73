import { createHmac } from 'node:crypto';
import { request } from 'undici';
import { BenchError } from '../benchError.ts';
import { createReport, type Report } from '../reports/report.ts';
import type { Tenant } from './attack.ts';

/** The secret of the JWT with which the bench creates the tenants' keys. */
export const jwtSecret = 'the secret of a bench, which is long enough for HS256';

/** The tenants: their domains and their shares of all supervisors. */
const shares = { 'domain-innocent': 0.1, 'domain-hostile': 0.6, 'domain-third': 0.15, 'domain-fourth': 0.15 };

/** The domain of the tenant that works. */
export const innocentDomain = 'domain-innocent';
/** The domain of the tenant that attacks. */
export const hostileDomain = 'domain-hostile';

/** Creates the reports of all tenants' supervisors. */
export function createReports(supervisors: number, plugins: number): Report[] {
  return Object.entries(shares).flatMap(([domainId, share]) =>
    Array.from({ length: Math.round(supervisors * share) }, (_, index) => ({
      ...createReport(index, plugins, false),
      domainId,
    })),
  );
}

/** Creates a tenant's keys through the API, and reads its supervisors. */
export async function readTenant(origin: string, domainId: string, plugins: number): Promise<Tenant> {
  const ask = <Data>(query: string, variables: object) => askAdmin<Data>(origin, query, variables);
  const key = async (role: string) => {
    const { createApiKey } = await ask<{ createApiKey: { token: string } }>(
      'mutation ($i: CreateApiKeyInput!) { createApiKey(input: $i) { token } }',
      { i: { name: `bench ${role}`, role, domainId } },
    );
    return createApiKey.token;
  };
  const keys = { viewer: await key('VIEWER'), operator: await key('OPERATOR'), agent: await key('SUPERVISOR') };
  const supervisors: { id: string; hostname: string }[] = [];
  for (let after: string | null = null; ; ) {
    const page: SupervisorPage = await ask(
      'query ($d: ID, $a: String) { supervisors(domainId: $d, first: 100, after: $a) { nodes { id hostname } pageInfo { hasNextPage endCursor } } }',
      { d: domainId, a: after },
    );
    supervisors.push(...page.supervisors.nodes);
    after = page.supervisors.pageInfo.endCursor;
    if (!page.supervisors.pageInfo.hasNextPage) break;
  }
  return {
    domainId,
    keys,
    plugins,
    hostnames: supervisors.map(({ hostname }) => hostname),
    supervisorIds: supervisors.map(({ id }) => id),
  };
}

interface SupervisorPage {
  readonly supervisors: {
    readonly nodes: readonly { id: string; hostname: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

async function askAdmin<Data>(origin: string, query: string, variables: object): Promise<Data> {
  const { body } = await request(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${adminToken()}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await body.json()) as { data?: Data; errors?: unknown };
  if (!data) throw new BenchError(`expected an answer to ${query}; got ${JSON.stringify(errors)}`);
  return data;
}

/** A JWT of an ADMIN of all domains. */
export function adminToken(): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: 'bench', role: 'ADMIN', exp: Math.floor(Date.now() / 1_000) + 24 * 3_600 };
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', jwtSecret).update(signed).digest('base64url')}`;
}

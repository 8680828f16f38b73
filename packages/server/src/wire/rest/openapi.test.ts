import { validate } from '@scalar/openapi-parser';
import openapiTS, { astToString } from 'openapi-typescript';
import { describe, expect, test } from 'vitest';
import { supervisorService } from '../methods/methods.ts';
import { loadProtocol } from '../proto/protocol.ts';
import { docsPage } from './docsPage.ts';
import { describeApi } from './openapi.ts';

const api = describeApi(loadProtocol(), supervisorService, '');

test('the OpenAPI document is valid', async () => {
  const { valid, errors } = await validate(JSON.parse(JSON.stringify(api)));
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
});

test('it has every route of the reference, each under a different name', () => {
  const routes = supervisorService.methods.flatMap((method) => method.routes);
  const described = Object.entries(api.paths).flatMap(([path, verbs]) =>
    Object.keys(verbs).map((verb) => `${verb} ${path}`),
  );
  expect(new Set(described)).toEqual(new Set(routes.map(({ verb, path }) => `${verb.toLowerCase()} ${path}`)));
  const ids = Object.values(api.paths).flatMap((verbs) => Object.values(verbs).map(({ operationId }) => operationId));
  expect(new Set(ids).size).toBe(routes.length);
});

test('everything in it is described', () => {
  for (const [name, schema] of Object.entries(api.components.schemas)) {
    expect([name, schema.description]).toEqual([name, expect.stringMatching(/./)]);
    for (const [field, { description }] of Object.entries(schema.properties ?? {})) {
      if (name !== 'Error') expect([name, field, description]).toEqual([name, field, expect.stringMatching(/./)]);
    }
  }
});

describe('it says what must be there', () => {
  const schemaNamed = (name: string) => api.components.schemas[name];
  const operations = Object.values(api.paths).flatMap((verbs) => Object.values(verbs));

  test('in replies: every field of their messages', () => {
    for (const name of ['SupervisorInfo', 'SupervisorsInfo', 'PluginInfo', 'PluginsInfo', 'RejectedPluginInfo']) {
      const { properties = {}, required } = schemaNamed(name) ?? {};
      expect(required).toEqual(Object.keys(properties));
    }
    expect(schemaNamed('Statistics')?.required).toEqual(['results']);
    expect(schemaNamed('Error')?.required).toEqual(['error']);
  });

  test('in requests: what a request is refused without', () => {
    expect(schemaNamed('PublishSupervisorRequest')?.required).toEqual(['name', 'hostname']);
    expect(schemaNamed('PluginReport')?.required).toEqual(['plugin_id', 'version', 'state']);
    expect(schemaNamed('SupervisorQuery')?.required).toBeUndefined();
    const withBody = operations
      .filter(({ requestBody }) => requestBody?.required)
      .map(({ operationId }) => operationId);
    expect(withBody).toEqual(['publish', 'recover_plugin', 'stat']);
  });

  test('of every route: each status of a refusal', () => {
    for (const { responses, requestBody } of operations) {
      const bodies = requestBody ? ['413', '415'] : [];
      const statuses = ['200', '400', '401', '403', '404', '409', ...bodies, '429', '500', '503', '504'];
      expect(Object.keys(responses)).toEqual(statuses);
    }
  });
});

test('typedRest.db.test.ts is compiled against the types that openapi-typescript makes of it (update them with -u)', async () => {
  const types = astToString(await openapiTS(JSON.stringify(api)));
  await expect(types).toMatchFileSnapshot('../../../test/wire/restTypes.ts');
});

test('the page to read it names every route and message, links to what is there, and needs nothing from elsewhere', () => {
  const page = docsPage(api);
  for (const path of Object.keys(api.paths)) expect(page).toContain(`<code>${path}</code>`);
  const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  for (const id of targets) expect(page).toContain(`id="${id}"`);
  expect(page).not.toMatch(/https?:|<script|src=/);
});

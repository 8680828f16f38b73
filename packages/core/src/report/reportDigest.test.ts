import { describe, expect, test } from 'vitest';
import { pluginRow } from '../../testing/reportRows.ts';
import { createReportDigest } from './reportDigest.ts';

const digest = createReportDigest({ restartBudget: 10 });

describe("L2: a report's digest", () => {
  test('is the same for the same plugins, whatever ids new rows would get', () => {
    const again = () => [pluginRow(), pluginRow({ version: '2.0', endpoint: 'grpc://a:1', endpoints: ['grpc://a:1'] })];
    expect(digest(again())).toBe(digest(again()));
    expect(digest([])).toBe(digest([]));
  });

  test.each([
    { pluginId: 'other' },
    { version: '2.0' },
    { domainId: 'acme' },
    { state: 'ERROR' as const },
    { endpoint: 'grpc://a:1' },
    { endpoints: ['grpc://a:1'] },
    { message: 'no such image' },
    { observedGeneration: 1 },
  ])('is another with %o', (values) => {
    expect(digest([pluginRow(values)])).not.toBe(digest([pluginRow()]));
  });

  test('is another with fewer plugins, or with other rules', () => {
    const plugins = [pluginRow(), pluginRow({ version: '2.0' })];
    expect(digest(plugins.slice(0, 1))).not.toBe(digest(plugins));
    expect(createReportDigest({ restartBudget: 11 })(plugins)).not.toBe(digest(plugins));
  });
});

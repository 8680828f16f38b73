import { describe, expect, it } from 'vitest';
import { formatBody, isTaken } from './format.ts';
import { createReport } from './report.ts';

const report = createReport(1, 2, true);

describe("a request's body", () => {
  it('is the report, or a mutation with the report for its variable', () => {
    expect(JSON.parse(formatBody('bare', report))).toEqual(report);
    expect(JSON.parse(formatBody('graphql', report))).toMatchObject({ variables: { input: report } });
    expect(JSON.parse(formatBody('postgraphile', report))).toMatchObject({ variables: { report } });
  });
});

describe('a reply', () => {
  const taken = '{"data":{"publishSupervisor":{"supervisor":{"id":"supervisor-0123456789ab","state":"PENDING"}}}}';

  it('says that the report was taken', () => {
    expect(isTaken(200, taken)).toBe(true);
  });

  it.each([
    [503, taken],
    [200, '{"data":{"publishSupervisor":null},"errors":[{"message":"no"}]}'],
    [200, '{"data":null}'],
  ])('does not, with the status %d and %s', (status, reply) => {
    expect(isTaken(status, reply)).toBe(false);
  });
});

import { readFileSync } from 'node:fs';
import { buildSchema } from '@muster/schema';
import { type OperationDefinitionNode, parse } from 'graphql';
import { expect, test } from 'vitest';
import { maxReportCost } from './admission.ts';
import { createCostFormulas } from './operationCost.ts';

const operations = `${import.meta.dirname}/../../../client/src/operations`;

test('W4, C1: an agent’s request for its list, with the whole spec of each plugin, costs no more than a report may', () => {
  const files = ['assignments', 'assignment'].map((name) => readFileSync(`${operations}/${name}.graphql`, 'utf8'));
  const document = parse(files.join('\n'));
  const [operation] = document.definitions;
  const cost = createCostFormulas(buildSchema(), 100)(document, operation as OperationDefinitionNode);
  expect(cost).toBeGreaterThan(500);
  expect(cost).toBeLessThanOrEqual(maxReportCost);
});

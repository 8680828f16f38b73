import { isAgent, type Viewer } from '@muster/core';
import { Kind, type OperationDefinitionNode } from 'graphql';
import type { OperationLane } from '../limits/admission.ts';
import { reportingMutation } from '../limits/documentCost.ts';

/** The root fields by which agents report and fetch their lists: operations of these alone are reports. */
const reportFields: Readonly<Record<string, string>> = { mutation: reportingMutation, query: 'assignments' };

/** The lane of an operation, by its kind and its root fields. */
export function laneOf({ operation, selectionSet }: OperationDefinitionNode): OperationLane {
  const isReport = selectionSet.selections.every(
    (selection) => selection.kind === Kind.FIELD && selection.name.value === reportFields[operation],
  );
  if (isReport) return 'reports';
  return operation === 'mutation' ? 'changes' : 'reads';
}

/** The lane for a viewer: operators who read an agent's list report nothing. */
export function laneFor(lane: OperationLane, viewer: Viewer): OperationLane {
  return lane === 'reports' && !isAgent(viewer) ? 'reads' : lane;
}

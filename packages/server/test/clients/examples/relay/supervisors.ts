import { ConnectionHandler, type Environment, fetchQuery, requestSubscription } from 'relay-runtime';
import supervisors, { type documentsSupervisorsQuery } from './generated/documentsSupervisorsQuery.graphql.ts';
import watch, { type documentsWatchSubscription } from './generated/documentsWatchSubscription.graphql.ts';

/** Keeps the supervisors in the store true until it is disposed of. */
export function keepSupervisors(environment: Environment, onError: (error: Error) => void) {
  return requestSubscription<documentsWatchSubscription>(environment, {
    subscription: watch,
    variables: {},
    // A changed supervisor is in the store by now, under its id.
    updater: (store, data) => {
      const { type, supervisorId } = data?.watchSupervisors ?? {};
      const list = ConnectionHandler.getConnection(store.getRoot(), 'documents_supervisors');
      if (!supervisorId || !list) return;
      if (type === 'REMOVED') {
        ConnectionHandler.deleteNode(list, supervisorId);
        store.delete(supervisorId);
      }
      const isListed = list
        .getLinkedRecords('edges')
        ?.some((edge) => edge.getLinkedRecord('node')?.getDataID() === supervisorId);
      const node = store.get(supervisorId);
      if (type === 'ADDED' && node && !isListed) {
        ConnectionHandler.insertEdgeAfter(list, ConnectionHandler.createEdge(store, list, node, 'SupervisorEdge'));
      }
    },
    onNext: (data) => {
      if (data?.watchSupervisors?.type !== 'SYNCED') return;
      fetchQuery<documentsSupervisorsQuery>(environment, supervisors, {}).subscribe({ error: onError });
    },
    onError,
  });
}

import type { Attack } from './attack.ts';
import { abandonedReads } from './attacks/abandonedReads.ts';
import { bulkMutations } from './attacks/bulkMutations.ts';
import { directives } from './attacks/directives.ts';
import { endpointWaits } from './attacks/endpointWaits.ts';
import { forgedTokens } from './attacks/forgedTokens.ts';
import { grpcHealth } from './attacks/grpcHealth.ts';
import { grpcReflection } from './attacks/grpcReflection.ts';
import { grpcResets } from './attacks/grpcResets.ts';
import { grpcSearches } from './attacks/grpcSearches.ts';
import { introspection } from './attacks/introspection.ts';
import { keysInBulk } from './attacks/keysInBulk.ts';
import { largePages } from './attacks/largePages.ts';
import { largeVariables } from './attacks/largeVariables.ts';
import { logResumption } from './attacks/logResumption.ts';
import { longLists } from './attacks/longLists.ts';
import { madeUpFilters } from './attacks/madeUpFilters.ts';
import { nestedFilters } from './attacks/nestedFilters.ts';
import { newcomers } from './attacks/newcomers.ts';
import { overlappingFields } from './attacks/overlappingFields.ts';
import { overlappingFragments } from './attacks/overlappingFragments.ts';
import { refusedMediaTypes } from './attacks/refusedMediaTypes.ts';
import { relatedFilters } from './attacks/relatedFilters.ts';
import { requestFlood } from './attacks/requestFlood.ts';
import { silentConnections } from './attacks/silentConnections.ts';
import { silentGrpc } from './attacks/silentGrpc.ts';
import { silentWebSockets } from './attacks/silentWebSockets.ts';
import { sseSubscriptions } from './attacks/sseSubscriptions.ts';
import { statistics } from './attacks/statistics.ts';
import { textSearches } from './attacks/textSearches.ts';
import { unfinishedBodies } from './attacks/unfinishedBodies.ts';
import { unfinishedHeaders } from './attacks/unfinishedHeaders.ts';
import { unknownNames } from './attacks/unknownNames.ts';
import { unreadGrpc } from './attacks/unreadGrpc.ts';
import { unreadHttp } from './attacks/unreadHttp.ts';
import { unreadSse } from './attacks/unreadSse.ts';
import { unreadWebSocket } from './attacks/unreadWebSocket.ts';
import { unusedVariables } from './attacks/unusedVariables.ts';
import { watchRelated } from './attacks/watchRelated.ts';
import { webSocketReads } from './attacks/webSocketReads.ts';
import { webSocketSubscriptions } from './attacks/webSocketSubscriptions.ts';
import { wrongKeys } from './attacks/wrongKeys.ts';
import { wrongSecrets } from './attacks/wrongSecrets.ts';

/** All attacks, in the order of the results. */
export const attacks: readonly Attack[] = [
  unknownNames,
  unusedVariables,
  overlappingFields,
  overlappingFragments,
  directives,
  largeVariables,
  longLists,
  introspection,
  nestedFilters,
  relatedFilters,
  abandonedReads,
  largePages,
  madeUpFilters,
  statistics,
  textSearches,
  webSocketReads,
  grpcSearches,
  bulkMutations,
  endpointWaits,
  newcomers,
  watchRelated,
  webSocketSubscriptions,
  sseSubscriptions,
  logResumption,
  refusedMediaTypes,
  unreadHttp,
  unreadWebSocket,
  unreadSse,
  unreadGrpc,
  silentConnections,
  silentWebSockets,
  silentGrpc,
  unfinishedHeaders,
  unfinishedBodies,
  grpcReflection,
  grpcHealth,
  grpcResets,
  wrongSecrets,
  wrongKeys,
  forgedTokens,
  keysInBulk,
  requestFlood,
];

export { difference, expectationsOf } from './check.ts';
export { type Follower, follow } from './follower.ts';
export { interests, pluginFields } from './interest.ts';
export { holdTransactions } from './longTransaction.ts';
export { type Replica, startReplica } from './replica.ts';
export { readCursors, readTruth } from './truth.ts';
export { differencesAtEnd, reportSentinel } from './verdict.ts';
export { report, type WrittenFleet, write } from './writer.ts';

export { createClient, type MusterClient, type MusterClientOptions, type MutationData } from './client.ts';
export { type FollowSubscriptionOptions, followSubscription } from './followSubscription.ts';
export * from './generated/graphql.ts';
export { RequestError, type TransportCode } from './requestError.ts';
export { retryDelayMs } from './retryDelay.ts';

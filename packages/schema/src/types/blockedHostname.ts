import { blockHostname, listBlockedHostnames, unblockHostname } from '@muster/core';
import type { BlockedHostname as BlockedHostnameModel } from '@muster/db';
import { builder, connection } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { inputMutation } from './inputMutation.ts';

const BlockedHostname = builder.objectRef<BlockedHostnameModel>('BlockedHostname').implement({
  description: 'A hostname whose agents may neither publish nor fetch their assignments.',
  fields: (t) => ({
    domainId: t.exposeID('domainId', { description: 'The domain (tenant) in which the hostname is blocked.' }),
    hostname: t.exposeString('hostname', {
      description: 'The hostname, as it was given; upper and lower case of ASCII letters are the same.',
    }),
    note: t.exposeString('note', { nullable: true, description: 'Why it is blocked, in words for people.' }),
    blockedAt: t.expose('blockedAt', { type: 'DateTime', description: 'The time since which it is blocked.' }),
    blockedBy: t.exposeString('blockedBy', { description: 'The subject whose credential blocked it.' }),
  }),
});

const BlockedHostnameConnection = builder.connectionObject(
  { type: BlockedHostname, name: 'BlockedHostnameConnection', description: 'A page of blocked hostnames.' },
  { name: 'BlockedHostnameEdge', description: 'A blocked hostname in a page.' },
);

builder.queryField('blockedHostnames', (t) =>
  t.field({
    type: BlockedHostnameConnection,
    authScopes: { operate: true },
    nullable: true,
    description: 'A page of the blocked hostnames of a domain, by hostname.',
    args: {
      domainId: t.arg.id({ description: domainIdDescription.read }),
      ...t.arg.connectionArgs(),
    },
    resolve: async (_root, args, { core, viewer }) => connection(await listBlockedHostnames(core, viewer, args)),
  }),
);

inputMutation('blockHostname', {
  description:
    'Blocks a hostname, known or not: until it is unblocked, its publishes and its requests for assignments are answered FORBIDDEN. A supervisor that has it stays, and becomes DISCONNECTED once its lease expires.',
  inputDescription: 'The hostname to block.',
  fields: (t) => ({
    hostname: t.string({ required: true, description: 'The hostname, 1 to 255 characters.' }),
    note: t.string({ description: 'Why it is blocked, in words for people; 1 to 255 characters. Default: no words.' }),
    domainId: t.id({ description: domainIdDescription.single }),
  }),
  payload: builder.objectRef<{ blockedHostname: BlockedHostnameModel }>('BlockHostnamePayload').implement({
    description: 'The answer to `blockHostname`.',
    fields: (t) => ({
      blockedHostname: t.expose('blockedHostname', {
        type: BlockedHostname,
        description: 'The block; one that existed before stays as it was.',
      }),
    }),
  }),
  run: async (core, viewer, input) => ({ blockedHostname: await blockHostname(core, viewer, input) }),
});

inputMutation('unblockHostname', {
  description: 'Ends the block of a hostname. NOT_FOUND where the hostname is not blocked.',
  inputDescription: 'The hostname to unblock.',
  fields: (t) => ({
    hostname: t.string({ required: true, description: 'The hostname, in any case.' }),
    domainId: t.id({ description: domainIdDescription.single }),
  }),
  payload: builder.objectRef<{ unblockedHostname: string }>('UnblockHostnamePayload').implement({
    description: 'The answer to `unblockHostname`.',
    fields: (t) => ({
      unblockedHostname: t.exposeString('unblockedHostname', {
        description: 'The hostname, as it was given when it was blocked.',
      }),
    }),
  }),
  run: async (core, viewer, input) => {
    const { hostname } = await unblockHostname(core, viewer, input);
    return { unblockedHostname: hostname };
  },
});

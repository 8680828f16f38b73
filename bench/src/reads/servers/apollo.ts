import { createServer } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { PrismaClient } from '@muster/db';
import { PrismaPg } from '@prisma/adapter-pg';
import express from 'express';
import { GraphQLScalarType } from 'graphql';
import { listen } from '../../servers/listen.ts';
import { databaseUrl, poolSize } from '../../servers/settings.ts';
import { DateTime, typeDefs } from './schema.ts';

/** Apollo Server over Express, and Prisma, as in their guides: related rows are included. */
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: databaseUrl, max: poolSize }) });

const apollo = new ApolloServer({
  typeDefs,
  resolvers: {
    DateTime: new GraphQLScalarType<Date, string>({
      name: 'DateTime',
      serialize: (value) => DateTime.serialize(value as Date),
    }),
    Query: {
      supervisor: (_: unknown, { id }: { id: string }) => prisma.supervisor.findUnique({ where: { id } }),
      supervisors: (_: unknown, { first }: { first: number }) => ({
        totalCount: () => prisma.supervisor.count(),
        nodes: () =>
          prisma.supervisor.findMany({
            take: first,
            orderBy: [{ name: 'asc' }, { id: 'asc' }],
            include: { plugins: { orderBy: [{ pluginId: 'asc' }, { version: 'asc' }] } },
          }),
      }),
      supervisorStats: async () => {
        const groups = await prisma.supervisor.groupBy({
          by: ['state'],
          _count: true,
          orderBy: { _count: { id: 'desc' } },
        });
        return groups.map(({ state, _count: count }) => ({ state, count }));
      },
    },
    Supervisor: {
      plugins: ({ plugins }: { plugins: object[] }, { first }: { first: number }) => ({
        nodes: plugins.slice(0, first),
      }),
    },
  },
});
await apollo.start();
listen(createServer(express().use('/graphql', express.json({ limit: '4mb' }), expressMiddleware(apollo))));

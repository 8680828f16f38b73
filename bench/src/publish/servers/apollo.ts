import { createServer } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { PrismaClient } from '@muster/db';
import { PrismaPg } from '@prisma/adapter-pg';
import express from 'express';
import type { Report } from '../../reports/report.ts';
import { listen } from '../../servers/listen.ts';
import { databaseUrl, drawNextPublishInMs, poolSize } from '../../servers/settings.ts';
import { publishThroughPrisma } from './publishThroughPrisma.ts';
import { typeDefs } from './schema.ts';

/** Apollo Server over Express, and Prisma, as in their guides. */
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: databaseUrl, max: poolSize }) });

const apollo = new ApolloServer({
  typeDefs,
  resolvers: {
    Mutation: {
      publishSupervisor: async (_: unknown, { input }: { input: Report }) => ({
        supervisor: await publishThroughPrisma(prisma, input),
        nextPublishInMs: drawNextPublishInMs(),
        rejected: [],
      }),
    },
  },
});
await apollo.start();
listen(createServer(express().use('/graphql', express.json({ limit: '4mb' }), expressMiddleware(apollo))));

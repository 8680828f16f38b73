import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExecutionArgs } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { createPubSub, createSchema, createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { listen } from '../servers/listen.ts';
import type { PluginStateChange } from './event.ts';
import { answerTrigger } from './trigger.ts';

/** The usual recipe of graphql-yoga's documentation: https://the-guild.dev/graphql/yoga-server/docs/features/subscriptions */
const pubsub = createPubSub<{ pluginStateChanged: [PluginStateChange] }>();
const yoga = createYoga<{ req: IncomingMessage; socket: Duplex }>({
  logging: false,
  schema: createSchema({
    typeDefs: /* GraphQL */ `
      scalar DateTime
      scalar Cursor
      enum PluginState { NONE PROVISIONING ACTIVE RE_PROVISIONING ERROR }
      type Plugin { id: ID! pluginId: String! version: String! state: PluginState! endpoint: String }
      type PluginStateChange { cursor: Cursor! at: DateTime! from: PluginState! to: PluginState! plugin: Plugin! }
      type Query { hello: String }
      type Subscription { pluginStateChanged: PluginStateChange! }
    `,
    resolvers: {
      Subscription: {
        pluginStateChanged: {
          subscribe: () => pubsub.subscribe('pluginStateChanged'),
          resolve: (event: PluginStateChange) => event,
        },
      },
    },
  }),
});

const answered = answerTrigger((batch) => {
  for (const event of batch) pubsub.publish('pluginStateChanged', event);
});
const server = createServer((request, response) => {
  if (!answered(request, response)) yoga(request, response);
});

type Engine = ReturnType<typeof yoga.getEnveloped>;
const engineOf = (args: ExecutionArgs) => args.rootValue as Pick<Engine, 'execute' | 'subscribe'>;

useServer(
  {
    execute: (args) => engineOf(args).execute(args),
    subscribe: (args) => engineOf(args).subscribe(args),
    onSubscribe: async ({ extra }, _id, params) => {
      const engine = yoga.getEnveloped({ req: extra.request, socket: extra.request.socket, params });
      const document = engine.parse(params.query);
      const errors = engine.validate(engine.schema, document);
      if (errors.length > 0) return errors;
      return {
        schema: engine.schema,
        operationName: params.operationName,
        document,
        variableValues: params.variables,
        contextValue: await engine.contextFactory(),
        rootValue: { execute: engine.execute, subscribe: engine.subscribe },
      };
    },
  },
  new WebSocketServer({ server, path: yoga.graphqlEndpoint }),
);
listen(server);

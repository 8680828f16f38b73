/**
 * The import rules of the house, which `pnpm check` holds. Type-only imports count: a type that is needed on both
 * sides of a border belongs into a separate file, below the border.
 */

/** Source files but tests, which may take what they need from anywhere in their package. */
const noTest = '\\.test\\.ts$';

/** Between packages: each may import those below it. */
const packageLayers = [['server'], ['schema'], ['core'], ['db']];

/**
 * Between the rooms (folders and single files of `src`) of a package, from the top down. A room may import the rooms
 * of the layers below its own; rooms of one layer don't import each other.
 */
const roomLayers = {
  server: [
    ['muster.ts'],
    ['main.ts', 'index.ts'],
    ['serve.ts'],
    ['startServer.ts'],
    ['cli', 'server.ts'],
    ['startFailure.ts', 'stopSignal.ts'],
    ['wire', 'websocket'],
    ['http'],
    ['graphql'],
    ['live'],
    ['security'],
    ['limits', 'observe'],
    ['errors'],
    ['config', 'resources.ts'],
  ],
  schema: [
    ['index.ts'],
    ['subgraph.ts'],
    ['schema.ts'],
    ['subscriptions'],
    ['types'],
    ['inputs'],
    ['builder.ts'],
    ['context.ts'],
    ['branded.ts', 'loaders.ts', 'scalars.ts', 'serverFacts.ts'],
  ],
  // core.ts stands outside: it names what every operation needs, by types alone, and all but base take it.
  core: [
    ['index.ts'],
    ['openCore.ts'],
    ['sweep', 'readiness'],
    ['bulk', 'node.ts'],
    ['placement'],
    ['report', 'assignment', 'jsonRead', 'search'],
    ['supervisor', 'plugin', 'apiKey', 'identity', 'release'],
    ['event', 'liveness', 'block'],
    ['query'],
    ['access'],
    ['base'],
  ],
};

const any = (names) => `(${names.map((name) => name.replace('.', '\\.')).join('|')})`;

function packageRules() {
  return packageLayers.flatMap(([name], index) => {
    const above = packageLayers.slice(0, index).flat();
    return {
      name: `${name}-imports-no-higher-package`,
      comment:
        'Packages import downwards only (server -> schema -> core -> db): a lower package can be read, tested and used without those above.',
      severity: 'error',
      from: { path: `^packages/${name}/` },
      to: {
        path: `^(packages/${any([...above, 'agent', 'client', 'console', 'playground', 'sample-plugin'])}|bench)/`,
      },
    };
  });
}

function roomRules() {
  return Object.entries(roomLayers).flatMap(([name, layers]) => {
    const src = `^packages/${name}/src/`;
    return layers.map((layer, index) => {
      const above = layers.slice(0, index).flat();
      const to = { path: `${src}${any([...above, ...layer])}(/|$)`, pathNot: `${src}$1(/|$)` };
      return {
        name: `${name}-${layer.join('-')}`.replaceAll('.ts', ''),
        comment: `Rooms of ${name} import downwards only, so that each can be understood with those below it. To open it: move the shared type or rule into the lower room, or take it as a parameter.`,
        severity: 'error',
        from: { path: `${src}${any(layer)}(?:/|$)`, pathNot: noTest },
        to,
      };
    });
  });
}

export default {
  forbidden: [
    {
      name: 'no-circular',
      comment:
        'Files in a circle can only be understood together. An interface that several files take stands in its own file.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...packageRules(),
    ...roomRules(),
    {
      name: 'agent-imports-the-client-alone',
      comment:
        'The agent speaks to the server through its API, as agents of others do. Its tests may start the server.',
      severity: 'error',
      from: { path: '^packages/agent/src/', pathNot: noTest },
      to: { path: '^packages/(?!agent/|client/)' },
    },
    {
      name: 'client-imports-no-package',
      comment: 'The client knows the API by the printed schema alone. Its tests may start the server.',
      severity: 'error',
      from: { path: '^packages/client/src/', pathNot: noTest },
      to: { path: '^packages/(?!client/)' },
    },
    {
      name: 'playground-imports-no-package',
      comment: 'The playground is a page in a browser: it speaks to the server through its API.',
      severity: 'error',
      from: { path: '^packages/playground/' },
      to: { path: '^packages/(?!playground/)' },
    },
    {
      name: 'console-imports-no-package',
      comment: 'The console is a page in a browser: it speaks to the server through its API.',
      severity: 'error',
      from: { path: '^packages/console/' },
      to: { path: '^packages/(?!console/)' },
    },
    {
      name: 'sample-plugin-imports-no-package',
      comment:
        'A plugin knows no control plane: an agent starts it, and callers speak to it. Its tests start processes.',
      severity: 'error',
      from: { path: '^packages/sample-plugin/' },
      to: { path: '^packages/(?!sample-plugin/|db/testing/testDatabase\\.ts)' },
    },
    {
      name: 'agent-tests-start-the-server',
      comment:
        'Whatever else a test of the agent needs, it reaches through the server, as the agent does; it starts processes as all tests do.',
      severity: 'error',
      from: { path: '^packages/(agent|client)/' },
      to: { path: '^packages/(?!$1/|client/|server/testing/(index|image/docker)\\.ts|db/testing/testDatabase\\.ts)' },
    },
    {
      name: 'only-through-exports',
      comment: 'A package is used by its exports (`@muster/...`); its other files may change at any time.',
      severity: 'error',
      from: { path: '^(packages/[^/]+|bench)/' },
      to: {
        path: '^(packages/[^/]+|bench)/',
        pathNot: ['^$1/', '^packages/core/src/report/sql/'],
        dependencyTypes: ['local'],
      },
    },
    {
      name: 'only-bench-measures-a-statement',
      comment:
        'The bench measures the statement that stores reports beside the limits of its database; nobody else needs the text.',
      severity: 'error',
      from: { path: '^packages/(?!core/)' },
      to: { path: '^packages/core/src/report/sql/' },
    },
    {
      name: 'src-imports-no-tests',
      comment: 'What runs in production has no part that exists for tests.',
      severity: 'error',
      from: { path: '^(packages/[^/]+|bench)/src/', pathNot: noTest },
      to: { path: ['^packages/[^/]+/(test|testing)/', noTest] },
    },
    {
      name: 'core-contract-is-types',
      comment:
        'core.ts says what every operation needs; openCore.ts makes it. A value imported here would tie the rooms together.',
      severity: 'error',
      from: { path: '^packages/core/src/core\\.ts$' },
      to: { dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'core-base-is-the-ground',
      comment: 'base knows no operation, and so not what operations need.',
      severity: 'error',
      from: { path: '^packages/core/src/base/', pathNot: noTest },
      to: { path: '^packages/core/src/core\\.ts$' },
    },
    {
      name: 'every-room-has-a-place',
      comment: 'A new room or file at the top of src gets its place in `roomLayers` first.',
      severity: 'error',
      from: {
        path: ['server', 'schema', 'core'].map(
          (name) =>
            `^packages/${name}/src/(?!${any([...roomLayers[name].flat(), 'generated', 'compiled', 'core.ts'])}(/|$))`,
        ),
        pathNot: noTest,
      },
      to: {},
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that leads nowhere escapes every other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    exclude: { path: '(^|/)generated/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js'],
    },
  },
};

/** The tests that run with MUSTER_TEST_EVERYTHING=1 (CI) alone, with the reason: each makes real misfortunes that last long. */
export const inCiAlone: readonly { readonly files: string; readonly reason: string }[] = [
  { files: 'bench/src/hostile/*.process.db.test.ts', reason: 'each attack lasts seconds' },
  { files: 'bench/src/console/console.process.db.test.ts', reason: 'a server and a browser start to be measured' },
  { files: 'packages/db/src/silence.db.test.ts', reason: 'silent connections are waited for' },
  { files: 'packages/server/test/silence.process.db.test.ts', reason: 'a silent database is waited for' },
  { files: 'packages/server/test/outageLog.process.db.test.ts', reason: 'lines of 10 s are counted' },
  { files: 'packages/server/test/readiness.db.test.ts', reason: 'what is late is waited for' },
  { files: 'packages/server/test/stopUnderLoad.process.db.test.ts', reason: 'floods last until the server ends' },
  { files: 'packages/server/test/replicas.process.db.test.ts', reason: 'faults go on for half a minute' },
  { files: 'packages/server/test/histories.process.db.test.ts', reason: 'clusters are made, copied and promoted' },
  { files: 'packages/server/test/parent.process.test.ts', reason: 'servers start, and outlive their parents' },
  {
    files: 'packages/agent/test/endToEnd.process.db.test.ts',
    reason: 'servers, agents and plugins are killed, and a failing upgrade is waited for',
  },
  { files: 'packages/server/test/bundle.process.db.test.ts', reason: 'the server is bundled, twice' },
  { files: 'packages/agent/test/dockerd.process.test.ts', reason: 'an engine starts, and containers run' },
  { files: 'packages/server/test/image.process.test.ts', reason: 'an image is made, twice, and containers run' },
  { files: 'packages/server/test/agentImages.process.test.ts', reason: 'images are made, and containers run' },
  { files: 'packages/server/test/guides.process.db.test.ts', reason: 'commands start servers on empty databases' },
  { files: 'packages/server/test/badSetups.process.db.test.ts', reason: 'each bad set-up is shown to each command' },
  { files: 'packages/server/test/database.process.db.test.ts', reason: 'a PostgreSQL, commands and servers start' },
];

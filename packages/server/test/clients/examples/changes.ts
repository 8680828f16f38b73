import { createLiveClient } from './live.ts';

const live = createLiveClient(`${process.env.MUSTER_URL}/graphql`, process.env.MUSTER_TOKEN ?? '');

live.subscribe(
  {
    query: `subscription ($after: Cursor) { pluginStateChanged(after: $after) { cursor from to plugin { id } } }`,
    // Where a program that was restarted itself goes on: keep the last cursor beside what it made of the events.
    variables: { after: process.env.AFTER },
  },
  {
    next: ({ data }) => process.stdout.write(`${JSON.stringify(data?.pluginStateChanged)}\n`),
    error: (error) => {
      throw Array.isArray(error) ? new Error(error[0].message) : error;
    },
    complete: () => {},
  },
);

// First, so that the editors find their workers; and Monaco itself, which would else be fetched only when they are shown.
import './workers.ts';
import 'monaco-graphql/esm/monaco-editor.js';
import 'monaco-graphql/esm/lite.js';
import { createRoot } from 'react-dom/client';
import { openCredential } from './credential.ts';
import { createLiveStreams } from './liveStreams.ts';
import { Playground } from './Playground.tsx';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './style.css';

/** The page lies where GraphQL is answered, below whatever prefix, with or without a slash at the end. */
const url = new URL(location.pathname.replace(/\/$/, ''), location.origin);
const credential = openCredential(sessionStorage);
const streams = createLiveStreams(url, credential);
let used = credential.authorization();
credential.subscribe(() => {
  if (credential.authorization() === used) return;
  used = credential.authorization();
  streams.reconnect();
});

const query = new URLSearchParams(location.search).get('query');
const root = document.getElementById('playground');
if (root) createRoot(root).render(<Playground url={url} credential={credential} streams={streams} query={query} />);

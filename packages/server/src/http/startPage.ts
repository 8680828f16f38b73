import type { IncomingMessage, ServerResponse } from 'node:http';
import { version } from '../config/version.ts';
import { escaped, sendPage } from './html.ts';
import { sendJson } from './reply.ts';

/** The facts about a server that its start page says. */
export interface StartFacts {
  /** A5: whether the server asks for no credentials. */
  readonly open: boolean;
  readonly hasPlayground: boolean;
  readonly hasConsole: boolean;
  /** The path below which a proxy shows the server; empty for none. */
  readonly basePath: string;
  /** The path of the page about REST, and of its OpenAPI document. */
  readonly docs: string;
  readonly openapi: string;
  /** Where gRPC listens, with its port. */
  readonly grpcAddress: string;
}

/** Says what there is: as a page for a browser, as JSON for everybody else. */
export function sendStartPage(request: IncomingMessage, response: ServerResponse, facts: StartFacts): void {
  const headers = { vary: 'accept', 'cache-control': 'no-cache' };
  const grpc = reachable(facts.grpcAddress, request.headers.host);
  if (request.headers.accept?.includes('text/html')) sendPage(response, startPage(facts, grpc), headers);
  else sendJson(response, 200, startDocument(facts, grpc), headers);
}

/** An address that a client can use: a server that listens at all addresses is at that of this request. */
function reachable(address: string, host: string | undefined): string {
  const hostname = host && URL.parse(`http://${host}`)?.hostname;
  return hostname ? address.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, hostname) : address;
}

function startDocument(facts: StartFacts, grpc: string) {
  const { open, hasPlayground, hasConsole, basePath, docs, openapi } = facts;
  const at = (path: string) => `${basePath}${path}`;
  return {
    name: 'muster',
    version,
    open,
    graphql: at('/graphql'),
    playground: hasPlayground ? at('/graphql') : null,
    console: hasConsole ? at('/console/') : null,
    rest: at(docs),
    openapi: at(openapi),
    grpc,
    metrics: at('/metrics'),
    health: at('/health'),
    started: at('/started'),
    ready: at('/ready'),
  };
}

const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { margin: 0; }
code { font-family: ui-monospace, monospace; font-size: 0.9em; }
pre { padding: 0.6rem 0.8rem; background: #8882; border-radius: 6px; white-space: pre-wrap; }
dl { margin: 1.5rem 0; border-bottom: 1px solid #8884; }
dl > div { padding: 0.6rem 0; border-top: 1px solid #8884; display: grid; grid-template-columns: 9rem 1fr; gap: 0 1rem; }
dt { font-weight: 700; }
dd { margin: 0; }
.access { padding: 0.6rem 0.8rem; border-left: 4px solid #16a34a; background: #16a34a1a; }
.open { border-color: #d97706; background: #d977061a; }
@media (max-width: 30rem) { dl > div { grid-template-columns: 1fr; } }`;

function startPage(facts: StartFacts, grpc: string): string {
  const link = (path: string, text = path) => `<a href="${escaped(`${facts.basePath || '.'}${path}`)}">${text}</a>`;
  const rows: readonly (readonly [string, string, string])[] = [
    ...(facts.hasConsole
      ? [['Console', link('/console/'), 'The fleet, live, in the browser: look, register, install, drain'] as const]
      : []),
    ...(facts.hasPlayground
      ? [['Playground', link('/graphql'), 'Queries, mutations and live events in the browser, with examples'] as const]
      : []),
    ['GraphQL', '<code>/graphql</code>', 'POST, server-sent events, and WebSocket (<code>graphql-transport-ws</code>)'],
    ['REST', link(facts.docs), `Its routes and messages; for programs, ${link(facts.openapi, 'OpenAPI')}`],
    ['gRPC', `<code>${escaped(grpc)}</code>`, '<code>spaceone.api.plugin.v1</code>, with reflection and health'],
    ['Metrics', link('/metrics'), "In Prometheus' text format"],
    ['Health', link('/health'), 'Whether the process lives'],
    ['Readiness', link('/ready'), 'Whether a write would succeed, and if not, why'],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Muster</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<h1>Muster</h1>
<p>The control plane for supervisors and their plugins, version ${escaped(version)}.</p>
${facts.open ? openText : closedText}
<dl>
${rows.map(([name, value, about]) => `<div><dt>${name}</dt><dd>${value}<br>${about}</dd></div>`).join('\n')}
</dl>
<p>To see a fleet at work, run this in the repository, and open the console, or the playground's tab Live:</p>
<pre>npx -y pnpm@12 demo</pre>
</body>
</html>
`;
}

const openText = `<p class="access open">This server is <strong>open</strong>: it asks for no credential, and everybody on this machine is ADMIN. The first API key closes it.</p>`;

const closedText = `<p class="access">This server is <strong>closed</strong>: it asks for a credential, an API key or a JWT, as <code>Authorization: Bearer</code>.</p>`;

import { escaped } from '../../http/html.ts';
import type { JsonSchema } from './jsonSchema.ts';
import type { ApiDocument, ApiOperation } from './openapi.ts';

const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #8888; }
code { font-family: ui-monospace, monospace; font-size: 0.9em; }
.verb { display: inline-block; min-width: 4.5em; font-weight: 700; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1.5rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem; border-bottom: 1px solid #8884; }
td:first-child, td:nth-child(2) { white-space: nowrap; }`;

/** Writes an API's document as a page of HTML, without scripts or anything from another host. */
export function docsPage(api: ApiDocument): string {
  const operations = Object.entries(api.paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, operation]) => operationHtml(verb, path, operation)),
  );
  const schemas = Object.entries(api.components.schemas).map(([name, schema]) => schemaHtml(name, schema));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(api.info.title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<h1>${escaped(api.info.title)}</h1>
<p>${text(api.info.description)}</p>
<p>For programs: <a href="openapi.json">openapi.json</a>. A credential is sent as <code>Authorization: Bearer</code>.</p>
<h2 id="routes">Routes</h2>
${operations.join('\n')}
<h2 id="messages">Messages</h2>
${schemas.join('\n')}
</body>
</html>
`;
}

function operationHtml(verb: string, path: string, operation: ApiOperation): string {
  const body = operation.requestBody?.content['application/json']?.schema;
  const rows = operation.parameters.map(({ name, in: place, description, schema, content }) =>
    row(name, `${place}: ${typeHtml(schema ?? content?.['application/json']?.schema ?? {})}`, description),
  );
  return `<section>
<h3 id="${escaped(operation.operationId)}"><span class="verb">${verb.toUpperCase()}</span> <code>${escaped(path)}</code></h3>
<p>${text(operation.summary)}</p>
${table(rows)}${body ? `<p>Body: ${typeHtml(body)}</p>` : ''}
<p>Answer: ${answerHtml(operation)}</p>
</section>`;
}

function answerHtml({ responses }: ApiOperation): string {
  const answer = responses[200] as { content?: Record<string, { schema: JsonSchema }> } | undefined;
  return typeHtml(answer?.content?.['application/json']?.schema ?? {});
}

function schemaHtml(name: string, schema: JsonSchema): string {
  const fields = Object.entries(schema.properties ?? {});
  const { required = [] } = schema;
  // Replies have all of their fields.
  const isReply = required.length === fields.length;
  const rows = fields.map(([field, property]) => {
    const mark = !isReply && required.includes(field) ? ', required' : '';
    return row(field, `${typeHtml(property)}${mark}`, property.description ?? '');
  });
  return `<section>
<h3 id="${escaped(name)}"><code>${escaped(name)}</code></h3>
<p>${text(schema.description ?? '')}</p>
${table(rows)}
</section>`;
}

const table = (rows: readonly string[]) => (rows.length > 0 ? `<table>${rows.join('')}</table>` : '');

function row(name: string, type: string, description: string): string {
  return `<tr><td><code>${escaped(name)}</code></td><td>${type}</td><td>${text(description)}</td></tr>`;
}

function typeHtml({ $ref, type, items, anyOf }: JsonSchema): string {
  if ($ref) {
    const name = escaped($ref.slice($ref.lastIndexOf('/') + 1));
    return `<a href="#${name}">${name}</a>`;
  }
  if (anyOf) return anyOf.map(typeHtml).join(' or ');
  if (type === 'array') return `list of ${typeHtml(items ?? {})}`;
  return type === undefined ? 'anything' : [type].flat().join(' or ');
}

/** Text as HTML, with the parts between backquotes as code. */
const text = (plain: string) =>
  escaped(plain)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll('\n', '<br>');

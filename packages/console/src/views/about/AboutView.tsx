import { BookOpen, Braces, CircleAlert, CircleCheck, Gauge, type IconNode, SquareTerminal } from 'lucide';
import { useServices } from '../../app/services.ts';
import { useChangeTick } from '../../data/useChangeTick.ts';
import { useRead } from '../../data/useRead.ts';
import { aboutServer } from '../../generated/operations.ts';
import { Copy } from '../../ui/Copy.tsx';
import { Failure, Loading } from '../../ui/Feedback.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Card, Facts, Page } from '../../ui/Page.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { wordOf } from '../../ui/states.ts';
import { SettingTable } from './SettingTable.tsx';
import type { Readiness, ServerFacts } from './serverFacts.ts';
import { useJson } from './useJson.ts';
import './about.css';

const refreshMs = 5_000;

/** The server: its versions, how it is, and what else it serves. */
export function AboutView() {
  const { server } = useServices();
  const tick = useChangeTick(refreshMs);
  const facts = useJson<ServerFacts>(server.href, null);
  const readiness = useJson<Readiness>(new URL('ready', server).href, tick.value);
  return (
    <Page title="About" about="This server, and what it serves beside the console.">
      {facts === undefined && <Loading />}
      {facts && 'error' in facts && <Failure error={facts.error} />}
      {facts && 'value' in facts && (
        <About facts={facts.value} readiness={readiness && 'value' in readiness ? readiness.value : null} />
      )}
    </Page>
  );
}

interface AboutProps {
  readonly facts: ServerFacts;
  /** Null while it isn't known. */
  readonly readiness: Readiness | null;
}

function About({ facts, readiness }: AboutProps) {
  const { session, server } = useServices();
  const state = session.state.value;
  const graphql = new URL(facts.graphql, server).href;
  const about = useRead(aboutServer, {}).state.value;
  const inForce = about.kind === 'ready' ? about.result.server : null;
  return (
    <>
      <Card title="Server" beside={readiness && <Ready readiness={readiness} />}>
        <Facts
          facts={[
            ['Version', `Muster ${facts.version}`],
            ['Database', inForce ? databases[inForce.database] : 'not known'],
            ['Tables', readiness?.migration ? <code key="">{readiness.migration}</code> : 'not known'],
            ['Credentials', facts.open ? 'none: it runs open' : 'asked for'],
            ['You', state.kind === 'signed-in' ? `${state.viewer.subject}, ${wordOf(state.viewer.role)}` : ''],
            ['Your domain', state.kind === 'signed-in' ? (state.viewer.domainId ?? 'all domains') : ''],
          ]}
        />
        {readiness && readiness.reasons.length > 0 && (
          <div class="card-body">
            <div class="callout" data-tone="bad">
              {readiness.reasons.map((reason) => (
                <p key={reason}>{reason}</p>
              ))}
            </div>
          </div>
        )}
      </Card>
      <Card title="Addresses">
        <ul class="endpoints">
          <Address name="GraphQL" text={graphql} />
          <Address name="gRPC" text={facts.grpc} />
        </ul>
      </Card>
      <ul class="about-links">
        {facts.playground && (
          <AboutLink path={facts.playground} icon={SquareTerminal} title="Playground">
            Queries, mutations and live events, with examples
          </AboutLink>
        )}
        <AboutLink path={facts.rest} icon={BookOpen} title="REST">
          Its routes and messages
        </AboutLink>
        <AboutLink path={facts.openapi} icon={Braces} title="OpenAPI">
          The same, for programs
        </AboutLink>
        <AboutLink path={facts.metrics} icon={Gauge} title="Metrics">
          In the text format of Prometheus
        </AboutLink>
      </ul>
      {inForce && (
        <Card title="Settings in force">
          <SettingTable settings={inForce.settings} />
        </Card>
      )}
    </>
  );
}

const databases = { POSTGRESQL: 'PostgreSQL', EMBEDDED: 'embedded, of this one server' } as const;

const Ready = ({ readiness: { ready } }: { readonly readiness: Readiness }) => (
  <StateBadge
    look={
      ready
        ? { tone: 'good', icon: CircleCheck, word: 'Takes writes' }
        : { tone: 'bad', icon: CircleAlert, word: 'Not ready' }
    }
  />
);

function Address({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <li>
      <span>
        {name} <code>{text}</code>
      </span>
      <Copy text={text} what={`the address of ${name}`} />
    </li>
  );
}

interface AboutLinkProps {
  readonly path: string;
  readonly icon: IconNode;
  readonly title: string;
  readonly children: string;
}

function AboutLink({ path, icon, title, children }: AboutLinkProps) {
  const { server } = useServices();
  return (
    <li>
      <a class="card about-link" href={new URL(path, server).href} target="_blank" rel="noreferrer">
        <Icon of={icon} size={20} />
        <span class="name-cell">
          <strong>{title}</strong>
          <span class="sub">{children}</span>
        </span>
      </a>
    </li>
  );
}

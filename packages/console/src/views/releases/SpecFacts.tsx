import type { ComponentChildren } from 'preact';
import type { ReleaseRowFragment } from '../../generated/operations.ts';
import { Copy } from '../../ui/Copy.tsx';
import { Facts } from '../../ui/Page.tsx';
import { durationText } from '../../ui/timeText.ts';

type Spec = ReleaseRowFragment['spec'];

/** The whole spec of a release. */
export function SpecFacts({ spec }: { readonly spec: Spec }) {
  const { image, command, resources } = spec;
  return (
    <>
      {image && (
        <p class="spec-image">
          <code>{image}</code>
          <Copy text={image} what="the image" />
        </p>
      )}
      <Facts
        facts={[
          ...(image ? [] : [['Image', 'none: agents know it by themselves, or run the command'] as const]),
          ['Command', command ? <Words key="" words={command} /> : 'that of the image'],
          ['Arguments', spec.arguments.length > 0 ? <Words key="" words={spec.arguments} /> : 'none'],
          ['Health', <Health key="" health={spec.health} />],
          ['Memory', resources.memoryMib === null ? 'as the agent has it' : `${resources.memoryMib} MiB`],
          ['Processor', resources.cpuMillis === null ? 'as the agent has it' : `${resources.cpuMillis / 1_000} cores`],
          ['Time to stop', durationText(spec.stopTimeoutSeconds)],
        ]}
      />
      <div class="spec-tables">
        <SpecList title="Ports" isEmpty={spec.ports.length === 0}>
          {spec.ports.map(({ name, port, scheme }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                {scheme}, {port}
              </dd>
            </div>
          ))}
        </SpecList>
        <SpecList title="Environment" isEmpty={spec.environment.length === 0}>
          {spec.environment.map(({ name, value, secret }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{secret === null ? <code>{value}</code> : <span class="tag">secret {secret}</span>}</dd>
            </div>
          ))}
        </SpecList>
      </div>
    </>
  );
}

interface SpecListProps {
  readonly title: string;
  readonly isEmpty: boolean;
  readonly children: ComponentChildren;
}

function SpecList({ title, isEmpty, children }: SpecListProps) {
  return (
    <section>
      <h3>{title}</h3>
      {isEmpty ? <p class="muted">none</p> : <dl class="spec-list">{children}</dl>}
    </section>
  );
}

const Words = ({ words }: { readonly words: readonly string[] }) => (
  <code>{words.map((word) => (/[\s"]/.test(word) ? JSON.stringify(word) : word)).join(' ')}</code>
);

function Health({ health: { kind, port, path, service, intervalSeconds } }: { readonly health: Spec['health'] }) {
  if (kind === 'NONE') return <>not checked: it is well while it runs</>;
  return (
    <>
      {kind} at port {port}
      {path && (
        <>
          , <code>{path}</code>
        </>
      )}
      {service && (
        <>
          , service <code>{service}</code>
        </>
      )}
      , every {durationText(intervalSeconds)}
    </>
  );
}

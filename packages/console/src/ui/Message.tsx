import { useEffect } from 'preact/hooks';
import { useServices } from '../app/services.ts';
import type { Entity } from '../data/entities.ts';

/** The ids of supervisors, as the server's texts have them. */
const supervisorId = /(supervisor-[0-9a-f]{12})/;

/** A text of the server's, with the names of the supervisors whose ids it has. */
export function Message({ text }: { readonly text: string }) {
  const parts = text.split(supervisorId);
  return <>{parts.map((part, index) => (index % 2 === 0 ? part : <SupervisorName key={index} id={part} />))}</>;
}

function SupervisorName({ id }: { readonly id: string }) {
  const { entities, names } = useServices();
  void names.arrivals.value;
  const name = entities.get<Entity & { readonly name?: string }>(id)?.value.name;
  const isKnown = name !== undefined;
  useEffect(() => {
    if (!isKnown) names.ask(id);
  }, [names, id, isKnown]);
  return isKnown ? <span title={id}>{name}</span> : <span class="mono">{id}</span>;
}

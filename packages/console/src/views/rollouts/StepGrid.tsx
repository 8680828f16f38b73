import { Icon } from '../../ui/Icon.tsx';
import { Link } from '../../ui/Link.tsx';
import { stepStates } from './rolloutStates.ts';
import type { Step } from './stepSource.ts';

/** Each step as a tile with its supervisor, in the order in which they begin. */
export function StepGrid({ steps }: { readonly steps: readonly Step[] }) {
  return (
    <ol class="step-grid">
      {steps.map((step) => (
        <li key={step.supervisorId} data-step={step.state} title={titleOf(step)}>
          <Link to={`/supervisors/${step.supervisorId}`}>
            <Icon of={stepStates[step.state].icon} size={14} />
            <span class="step-name">{step.supervisor.name}</span>
            <span class="hidden">: {stepStates[step.state].word}</span>
          </Link>
        </li>
      ))}
    </ol>
  );
}

const titleOf = ({ state, message, supervisor }: Step) =>
  `${supervisor.name}: ${stepStates[state].word}${message ? `\n${message}` : ''}`;

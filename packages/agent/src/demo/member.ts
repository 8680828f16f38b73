import { setTimeout as sleep } from 'node:timers/promises';
import type { MusterClient } from '@muster/client';
import { pluginKey } from '../contract.ts';
import { createSupervisorAgent, type PublishAnswer, type SupervisorAgent } from '../supervisorAgent.ts';
import { advance, firstState, learn, type Note, type Step } from './agentStory.ts';
import { attempt } from './attempt.ts';
import type { SupervisorPlan } from './fleet.ts';
import type { Narrate } from './narrator.ts';
import type { Random } from './random.ts';
import type { Incident } from './script.ts';
import type { AgentState } from './state.ts';

/** A supervisor of the fleet, with its agent. */
export interface Member {
  readonly plan: SupervisorPlan;
  readonly state: AgentState;
  /**
   * Plays a round at once, and returns how to publish it: after the pause that the server asked for, but at most
   * `maxWaitMs`. If the publish fails, the round is undone.
   */
  step(incident: Incident | null, random: Random): (maxWaitMs: number) => Promise<void>;
}

interface MemberOptions {
  client: MusterClient;
  plan: SupervisorPlan;
  narrate: Narrate;
  signal: AbortSignal;
}

/** Creates a supervisor of the fleet; nothing is sent before its first step is published. */
export function createMember({ client, plan, narrate, signal }: MemberOptions): Member {
  let state = firstState(plan);
  let agent = bootAgent();
  let nextPublishInMs = Number.POSITIVE_INFINITY;
  let lastRefusal = '';

  function bootAgent(): SupervisorAgent {
    const { domainId, name, hostname } = plan;
    return createSupervisorAgent({ client, domainId, name, hostname });
  }

  const tell = (what: string, result: string) => narrate({ domain: plan.domainId, actor: plan.name, what, result });

  /** Publishes a step, and then the steps that follow from each answer, until nothing new results. */
  async function publish(step: Step): Promise<void> {
    for (let next: Step | null = step; next; ) {
      const answer: PublishAnswer = await agent.publish(next.reports, signal);
      nextPublishInMs = answer.nextPublishInMs;
      for (const note of next.notes) tell(note.what, resultIn(answer, note));
      for (const { index, code, message } of answer.rejected) {
        tell('reports a malformed plugin', `rejected [${index}] ${code}: ${message}; the rest is taken`);
      }
      const learnt = learn(next.state, answer);
      state = learnt.state;
      next = learnt.step;
    }
  }

  return {
    plan,
    get state() {
      return state;
    },
    step: (incident, random) => {
      const step = advance(plan, state, incident, random);
      if (step.reports === null) {
        // The agent's next publish belongs to a new run of the agent.
        agent = bootAgent();
        state = step.state;
        for (const { what } of step.notes) tell(what, 'no more reports');
        return async () => {};
      }
      return async (maxWaitMs) => {
        await sleep(Math.min(nextPublishInMs, maxWaitMs), undefined, { signal });
        const published = await attempt(publish(step));
        const refusal = 'refusal' in published ? published.refusal : '';
        // The server will repeat the refusal each round; narrate it once.
        if (refusal !== '' && refusal !== lastRefusal) tell('publishes', refusal);
        lastRefusal = refusal;
      };
    },
  };
}

function resultIn(answer: PublishAnswer, { plugin }: Note): string {
  if (!plugin) return answer.state;
  const listed = answer.plugins.find((each) => pluginKey(each) === pluginKey(plugin));
  if (!listed) return 'not listed';
  return listed.generation > 1 ? `${listed.state}, generation ${listed.generation}` : listed.state;
}

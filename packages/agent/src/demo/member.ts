import { setTimeout as sleep } from 'node:timers/promises';
import { pluginKey } from '../contract.ts';
import type { GraphqlClient } from '../graphqlClient.ts';
import { createSupervisorAgent, type PublishAnswer, type SupervisorAgent } from '../supervisorAgent.ts';
import { advance, firstState, learn, type Note, type Step } from './agentStory.ts';
import { attempt } from './attempt.ts';
import type { SupervisorPlan } from './fleet.ts';
import type { Narrate } from './narrator.ts';
import type { Random } from './random.ts';
import type { Incident } from './script.ts';
import type { AgentState } from './state.ts';

/** One supervisor of the fleet. */
export interface Member {
  readonly plan: SupervisorPlan;
  readonly state: AgentState;
  /**
   * Decides at once what this round brings. What is returned then reports it, after as long as the server asked for
   * but at most `maxWaitMs`; if that fails, the round never was.
   */
  step(incident: Incident | null, random: Random): (maxWaitMs: number) => Promise<void>;
}

interface MemberOptions {
  client: GraphqlClient;
  plan: SupervisorPlan;
  narrate: Narrate;
  signal: AbortSignal;
}

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

  /** Publishes a step, and then what its answer gives to report, until there is nothing new. */
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
        // The next time that it publishes, it is another run of the agent.
        agent = bootAgent();
        state = step.state;
        for (const { what } of step.notes) tell(what, 'no more reports');
        return async () => {};
      }
      return async (maxWaitMs) => {
        await sleep(Math.min(nextPublishInMs, maxWaitMs), undefined, { signal });
        const published = await attempt(publish(step));
        const refusal = 'refusal' in published ? published.refusal : '';
        // What is refused now will be each round, and once is enough to hear of it.
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

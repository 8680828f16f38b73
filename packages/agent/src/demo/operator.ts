import type { MusterClient } from '@muster/client';
import {
  DeregisterSupervisorDocument,
  DisableSupervisorDocument,
  EnableSupervisorDocument,
  RecoverPluginDocument,
  RegisterSupervisorDocument,
  SupervisorsOfDocument,
} from '@muster/client';
import { pluginKey } from '../contract.ts';
import { attempt } from './attempt.ts';
import { domainIds, type SupervisorPlan } from './fleet.ts';
import type { Narrate } from './narrator.ts';
import { type Command, decide, type Memory, type SupervisorView, summarize } from './operatorStory.ts';
import type { Incident } from './script.ts';

/** An operator of the demo's supervisors in one domain. */
export interface Operator {
  /** Reads the supervisors and gives the commands that they need; narrates a summary first if `summarizes`. */
  act(incident: Incident | null, summarizes: boolean): Promise<void>;
}

interface OperatorOptions {
  client: MusterClient;
  domainId: string;
  plans: readonly SupervisorPlan[];
  narrate: Narrate;
  signal: AbortSignal;
}

/** Creates an operator for each domain. */
export function createOperators(options: Omit<OperatorOptions, 'domainId'>): Operator[] {
  return domainIds.map((domainId) =>
    createOperator({ ...options, domainId, plans: options.plans.filter((plan) => plan.domainId === domainId) }),
  );
}

function createOperator({ client, domainId, plans, narrate, signal }: OperatorOptions): Operator {
  const plansByHost = new Map(plans.map((plan) => [plan.hostname, plan]));
  let memory: Memory = new Map();

  async function look(): Promise<SupervisorView[]> {
    const variables = { domainId, hostnames: [...plansByHost.keys()] };
    const { supervisors } = await client.query(SupervisorsOfDocument, variables, signal);
    return (supervisors?.nodes ?? []).map((node) => ({ ...node, plugins: node.plugins.nodes }));
  }

  /** Gives a command, and returns its outcome in words. */
  async function give(command: Command): Promise<string> {
    const target = { supervisorId: command.supervisor.id, domainId };
    switch (command.kind) {
      case 'register': {
        const plan = plansByHost.get(command.supervisor.hostname);
        if (!plan) throw new Error(`${command.supervisor.hostname} is none of the demo's supervisors`);
        const input = { ...target, ...plan.registration };
        return (await client.mutate(RegisterSupervisorDocument, { input }, signal)).registerSupervisor.supervisor.state;
      }
      case 'enable':
        return (await client.mutate(EnableSupervisorDocument, { input: target }, signal)).enableSupervisor.supervisor
          .state;
      case 'disable':
        return (await client.mutate(DisableSupervisorDocument, { input: target }, signal)).disableSupervisor.supervisor
          .state;
      case 'deregister': {
        const input = { ...target, force: true };
        const { deregisterSupervisor } = await client.mutate(DeregisterSupervisorDocument, { input }, signal);
        return `${deregisterSupervisor.deregisteredId} is gone`;
      }
      case 'recover': {
        const { pluginId, version } = command.plugin;
        const input = { ...target, pluginId, version };
        const { plugin } = (await client.mutate(RecoverPluginDocument, { input }, signal)).recoverPlugin;
        return `${plugin.state}, generation ${plugin.generation}`;
      }
    }
  }

  const tell = (what: string, result: string) => narrate({ domain: domainId, actor: 'operator', what, result });

  return {
    act: async (incident, summarizes) => {
      const looked = await attempt(look());
      if ('refusal' in looked) return tell('looks around', looked.refusal);
      const decision = decide(memory, looked.value, incident);
      memory = decision.memory;
      if (summarizes) tell('looks around', summarize(looked.value));
      for (const command of decision.commands) {
        const given = await attempt(give(command));
        tell(describe(command, plansByHost), 'refusal' in given ? given.refusal : given.value);
      }
    },
  };
}

function describe(command: Command, plansByHost: ReadonlyMap<string, SupervisorPlan>): string {
  const { name, hostname } = command.supervisor;
  switch (command.kind) {
    case 'register': {
      const { labels, priority } = plansByHost.get(hostname)?.registration ?? {};
      const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
      return `registers ${name} with ${pairs.join(' ')} priority=${priority}`;
    }
    case 'enable':
      return `enables ${name} again after maintenance`;
    case 'disable':
      return `disables ${name} for maintenance`;
    case 'deregister':
      return `deregisters ${name} by force, silent for too long`;
    case 'recover':
      return `recovers ${pluginKey(command.plugin)} on ${name}`;
  }
}

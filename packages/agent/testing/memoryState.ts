import type { AgentState } from '../src/state/agentState.ts';
import type { StateFile } from '../src/state/stateFile.ts';

/** A state file in memory: it outlives agents of a test, as a real one does. */
export function memoryState(state: Partial<AgentState> = {}): StateFile {
  const file = { state: { format: 1 as const, owner: 'agent-1', wishes: null, records: {}, images: {}, ...state } };
  return {
    get state() {
      return file.state;
    },
    update: async (change) => {
      file.state = { ...file.state, ...change };
    },
    close: async () => {},
  };
}

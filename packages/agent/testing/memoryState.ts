import type { AgentState } from '../src/state/agentState.ts';
import type { StateFile } from '../src/state/stateFile.ts';

/** A state file in memory: it outlives agents of a test, as a real one does. */
export function memoryState(state: Partial<AgentState> = {}): StateFile {
  const first: AgentState = { format: 1, owner: 'agent-1', hashKey: 'key-1', wishes: null, records: {}, images: {} };
  const file = { state: { ...first, ...state } };
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

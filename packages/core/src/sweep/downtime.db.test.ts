import type { Supervisor } from '@muster/db';
import { testSeed } from '@muster/db/testing/seed';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createRandom,
  enabledSupervisor,
  eventsOf,
  newDomain,
  openReplica,
  openTestCore,
  pluginIn,
  publish,
  report,
  supervisorIn,
  type TestCore,
} from '../../testing/core.ts';
import { jittered } from '../liveness/pacing.ts';

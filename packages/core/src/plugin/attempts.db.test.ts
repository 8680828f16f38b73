import type { Plugin } from '@muster/db';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  eventsOf,
  insertManagedPlugin,
  newDomain,
  openTestCore,
  pastDeadlineMs,
  pluginIn,
  publish,
  report,
  type TestCore,
  type TestDomain,
} from '../../testing/core.ts';

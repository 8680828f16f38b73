import { testSeed } from '@muster/db/testing/seed';
import fc from 'fast-check';

// Properties are tried with what the run's seed gives, so that a run can be had again.
fc.configureGlobal({ seed: testSeed() });

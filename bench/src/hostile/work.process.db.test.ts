import { playAttacks } from '../../testing/hostileTests.ts';

playAttacks('work');

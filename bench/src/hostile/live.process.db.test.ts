import { playAttacks } from '../../testing/hostileTests.ts';

playAttacks('live');

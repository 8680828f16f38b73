import { playAttacks } from '../../testing/hostileTests.ts';

playAttacks('documents');

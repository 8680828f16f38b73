import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Queue, type Queueable } from './queue.ts';

test('a queue has its items in their order, whichever are taken out', () => {
  const action = fc.oneof(fc.constant('push' as const), fc.constant('first' as const), fc.nat({ max: 20 }));
  fc.assert(
    fc.property(fc.array(action, { maxLength: 100 }), (actions) => {
      const queue = new Queue<Queueable>();
      const model: Queueable[] = [];
      for (const action of actions) {
        if (action === 'push') {
          const item = {};
          queue.push(item);
          model.push(item);
        } else {
          const index = action === 'first' ? 0 : action;
          const [item] = model.splice(index, 1);
          if (item) expect([queue.remove(item), queue.remove(item)]).toEqual([true, false]);
        }
        expect(queue.first).toBe(model[0]);
        expect(queue.size).toBe(model.length);
      }
    }),
  );
});

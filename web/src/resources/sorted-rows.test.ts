import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Row } from './row.ts';
import { SortedRows } from './sorted-rows.ts';

function row(id: string, cell: string): Row {
  const rest = {
    namespace: '',
    labels: {},
    labelText: '',
    createdMs: 0,
    owners: [],
    resourceVersion: '',
    deleting: false,
    seenMs: 0,
  };
  return { id, name: id, cells: [cell], text: cell, ...rest };
}

const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const cells = fc.constantFrom('1', '2', '3', 'x', '');
const keyOf = ({ cells: [cell] }: Row) => (cell === '' ? undefined : Number.isNaN(Number(cell)) ? cell : Number(cell));
const step = fc.oneof(
  fc.record({ put: fc.array(fc.tuple(ids, cells), { maxLength: 3 }) }),
  fc.record({ many: fc.array(fc.tuple(ids, cells), { minLength: 101, maxLength: 103 }) }),
  fc.record({ delete: ids }),
  fc.record({ filter: cells }),
  fc.record({ descending: fc.boolean() }),
);

test('rows that change one by one are as if they had been sorted and filtered at once', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const sorted = new SortedRows();
      const model = new Map<string, Row>();
      let descending = false;
      let word = '';
      sorted.sortBy({ keyOf, descending });
      for (const one of steps) {
        if ('delete' in one) {
          model.delete(one.delete);
          sorted.delete(one.delete);
        } else if ('filter' in one) {
          word = one.filter;
          sorted.filterBy((r) => r.text.includes(word));
        } else if ('descending' in one) {
          descending = one.descending;
          sorted.sortBy({ keyOf, descending });
        } else {
          const rows = ('put' in one ? one.put : one.many).map(([id, cell]) => row(id, cell));
          for (const r of rows) model.set(r.id, r);
          sorted.put(rows);
        }
        const fresh = new SortedRows();
        fresh.sortBy({ keyOf, descending });
        fresh.filterBy((r) => r.text.includes(word));
        fresh.put([...model.values()]);
        const shown = sorted.shownRows();
        assert.deepEqual(shown, fresh.shownRows());
        assert.deepEqual(
          [...shown].map((r) => r.id).sort(),
          [...model.values()]
            .filter((r) => r.text.includes(word))
            .map((r) => r.id)
            .sort(),
        );
        for (const [index, r] of shown.entries()) assert.equal(sorted.indexOf(r.id), index);
        assert.equal(sorted.size, model.size);
      }
    }),
  );
});

test('an order is by key, then by name, and what is empty is last', () => {
  const sorted = new SortedRows();
  sorted.sortBy({ keyOf, descending: true });
  sorted.put([row('a', ''), row('b', '2'), row('c', '1'), row('d', '2')]);
  assert.deepEqual(
    sorted.shownRows().map(({ id }) => id),
    ['b', 'd', 'c', 'a'],
  );
});

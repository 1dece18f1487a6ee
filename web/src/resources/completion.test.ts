import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { columnsOf } from './columns.ts';
import { type CompletionSource, completionsAt } from './completion.ts';
import { compileFilter, parseFilter } from './filter.ts';
import { RowMaker, type TableRow } from './row.ts';
import completions from './testdata/completions.json' with { type: 'json' };
import filters from './testdata/filters.json' with { type: 'json' };

interface Case {
  readonly name: string;
  readonly text: string;
  readonly caret?: number;
  readonly offers: readonly string[];
}

const NOW = Date.parse('2026-01-01T12:00:00Z');
const COLUMNS = columnsOf(filters.columns, true);
const maker = new RowMaker(['.spec.nodeName']);
const ROWS = (filters.rows as unknown as readonly TableRow[]).map((row) => maker.make(row, NOW));
const FIELDS: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>> = {
  '': [
    { name: 'spec', type: 'object' },
    { name: 'status', type: 'object' },
  ],
  spec: [
    { name: 'nodeName', type: 'string' },
    { name: 'nodeSelector', type: 'map[string]string' },
    { name: 'containers', type: '[]object' },
  ],
};
const SOURCE: CompletionSource = {
  columns: COLUMNS,
  rows: ROWS,
  fieldsBelow: (path) => FIELDS[path.join('.')] ?? [],
};

for (const { name, text, caret = text.length, offers } of completions as readonly Case[])
  test(`offered is ${name}: ${text}`, () => {
    const { options = [] } = completionsAt(text, caret, SOURCE) ?? {};
    assert.deepEqual(
      options.map(({ insert, hint }) => (hint === undefined ? insert : `${insert} ${hint}`)),
      offers,
    );
  });

test('whatever is typed, a value that is offered is right, and is of as many rows as it says', () => {
  const word = fc.constantFrom(
    'app',
    'status',
    'name',
    'label:app',
    'color',
    'restarts',
    'nominated-node',
    'spec.nodeName',
  );
  const sign = fc.constantFrom('=', '~', '==');
  const typed = fc.string({ unit: fc.constantFrom(...'abenoRu1-" ,'), maxLength: 3 });
  fc.assert(
    fc.property(fc.tuple(typed, word, sign, typed), ([before, key, compares, value]) => {
      const text = `${before} ${key}${compares}${value}`;
      const found = completionsAt(text, text.length, SOURCE);
      // a space begins another word, which may be a name
      for (const { insert, hint } of (found?.options ?? []).filter(({ goesOn }) => !goesOn)) {
        const filter = parseFilter(insert, COLUMNS);
        assert.deepEqual(filter.problems, [], insert);
        const matching = ROWS.filter(compileFilter(filter, COLUMNS, () => NOW)).length;
        assert.ok(matching >= Number(hint), `${insert}: ${matching} of ${hint}`);
      }
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { columnsOf } from './columns.ts';
import { compileFilter, parseFilter } from './filter.ts';
import { RowMaker, type TableRow } from './row.ts';
import cases from './testdata/filters.json' with { type: 'json' };

const NOW = Date.parse('2026-01-01T12:00:00Z');
const COLUMNS = columnsOf(cases.columns, true);
const paths = ['.spec.nodeName', '.spec.containers.image', '.spec.constructor.name'];
const maker = new RowMaker(paths);
const ROWS = (cases.rows as unknown as readonly TableRow[]).map((row) => maker.make(row, NOW));

for (const { name, filter, shows, problems = [] } of cases.cases)
  test(`${name}: ${filter}`, () => {
    const parsed = parseFilter(filter, COLUMNS);
    assert.deepEqual(
      parsed.problems.map((problem) => `${problem.code} ${filter.slice(problem.from, problem.to)}`),
      problems,
    );
    const matches = compileFilter(parsed, COLUMNS, () => NOW);
    assert.deepEqual(
      ROWS.filter(matches).map((row) => row.name),
      shows,
    );
  });

test('stars mean what they mean in a regular expression, in a time that does not grow with their number', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  const matches = (pattern: string, name: string): boolean => {
    const row = maker.make({ cells: [name], object: { metadata: { name, namespace: 'x' } } }, NOW);
    return compileFilter(parseFilter(`name=${pattern}`, COLUMNS), COLUMNS, () => NOW)(row);
  };
  fc.assert(
    fc.property(
      letters.filter((pattern) => pattern !== ''),
      fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1 }),
      (pattern, name) => {
        assert.equal(matches(pattern, name), new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
      },
    ),
  );
  // by a regular expression this would take longer than anybody lives
  assert.equal(matches(`${'*a'.repeat(100)}*b`, 'a'.repeat(250)), false);
});

test('any text is a filter, and a term and its opposite part the rows', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab-=<>~"[].:,*! 15m') }), (text) => {
      const { terms } = parseFilter(text, COLUMNS);
      for (const term of terms) {
        const count = (not: boolean) =>
          ROWS.filter(compileFilter({ terms: [{ ...term, not }], problems: [], fields: [] }, COLUMNS, () => NOW))
            .length;
        assert.equal(count(true) + count(false), ROWS.length);
      }
    }),
  );
});

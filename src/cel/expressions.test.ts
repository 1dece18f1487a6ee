import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  ArrayList,
  adapterOf,
  baseEnvironment,
  CelError,
  type CelValue,
  declareType,
  type Expression,
  type Schema,
  sizesOf,
} from './index.ts';
import { type JsonValue, parseJson } from 'nekube/apimachinery';
import { typeName } from './kind.ts';
import { formatText } from './library/text-format.ts';

/** One expression with what the real server made of it (tools/record-cel.mjs). */
interface Case {
  readonly expression: string;
  readonly compile?: string;
  readonly estimate?: string;
  readonly error?: string;
  readonly type?: string;
  readonly value?: string;
}

const testdata = new URL('../../src/cel/testdata/', import.meta.url);
const { schema, value } = parseJson(readFileSync(new URL('self.json', testdata), 'utf8')) as unknown as {
  schema: Schema;
  value: JsonValue;
};
/** Expressions of which something else is made here; none may be right that is named there. */
const different: ReadonlySet<string> = new Set(
  JSON.parse(readFileSync(new URL('different-expressions.json', testdata), 'utf8')) as string[],
);
const selfType = declareType(schema, { name: 'selfType' })!;
const environment = baseEnvironment().extend({ variables: { self: selfType.type } });
const self = adapterOf(schema)(value);
/** What a rule may be estimated to cost in a definition; a hundred times as much is told without a number. */
const ESTIMATE_LIMIT = 10_000_000;

for (const file of readdirSync(new URL('expressions/', testdata))) {
  describe(`expressions: ${file.replace('.json', '')}`, () => {
    const cases = JSON.parse(readFileSync(new URL(`expressions/${file}`, testdata), 'utf8')) as Case[];
    for (const { expression, ...recorded } of cases) {
      test(JSON.stringify(expression), () => {
        const found = recorded.estimate === undefined ? run(expression) : estimate(expression);
        if (different.has(expression)) assert.notDeepEqual(found, recorded);
        else assert.deepEqual(found, recorded);
      });
    }
  });
}

function run(source: string): Omit<Case, 'expression'> {
  const { expression, issues } = environment.compile(source);
  if (expression === undefined) return { compile: issues.toString() };
  const program = expression.program();
  if (program instanceof CelError) return { compile: `program instantiation failed: ${program.message}` };
  return show(program.evaluate((name) => (name === 'self' ? self : undefined)).value);
}

function show(found: CelValue): Omit<Case, 'expression'> {
  if (found instanceof CelError) return { error: found.message };
  const text = formatText('%s', new ArrayList([found]));
  const shown = typeof text === 'string' && !text.includes('\n') ? { value: text } : {};
  return { type: typeName(found), ...shown };
}

/** Those whose value the real server would not tell, since telling it would cost too much. */
function estimate(source: string): Omit<Case, 'expression'> {
  const { expression, issues } = environment.compile(`size("%s".format([dyn(${source})])) < 0`);
  assert.ok(expression, issues.toString());
  const { max } = (expression as Expression).estimateCost({ sizeOf: sizesOf({ ...selfType }) });
  const factor = max > 100 * ESTIMATE_LIMIT ? 'more than 100x' : `${(max / ESTIMATE_LIMIT).toFixed(1)}x`;
  const advice =
    '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';
  return { estimate: `estimated rule cost exceeds budget by factor of ${factor} ${advice}` };
}

test('what is nested so deep that the stack would not do is refused like what is deeper than the limit', () => {
  const { expression, issues } = baseEnvironment().compile(`${'{1:'.repeat(2000)}1${'}'.repeat(2000)}`);
  assert.equal(expression, undefined);
  assert.match(issues.toString(), /expression recursion limit exceeded: 250/);
});

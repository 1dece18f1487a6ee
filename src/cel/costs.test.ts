import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { baseEnvironment, declareType, type Expression, type Schema, sizesOf } from './index.ts';

/** The estimate of an expression as the real server tells it (tools/record-cel.mjs). */
interface Case {
  readonly expression: string;
  /** It is done so often. */
  readonly items: number;
  /** By which that exceeds the budget; absent where it does not. */
  readonly factor?: string;
}

const testdata = new URL('../../src/cel/testdata/', import.meta.url);
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, testdata), 'utf8'));
const { schema } = read('self.json') as { schema: Schema };
const self = declareType(schema, { name: 'selfType' })!;
const environment = baseEnvironment().extend({ variables: { self: self.type } });
const BUDGET = 10_000_000;

describe('estimated costs', () => {
  for (const { expression, items, factor } of read('costs.json') as Case[]) {
    test(expression, () => {
      const compiled = environment.compile(expression);
      assert.ok(compiled.expression, compiled.issues.toString());
      const { max } = (compiled.expression as Expression).estimateCost({ sizeOf: sizesOf(self) });
      assert.equal(tell((max * items) / BUDGET), factor, `it is estimated as ${max}`);
    });
  }
});

function tell(factor: number): string | undefined {
  if (factor <= 1) return undefined;
  if (factor > 100) return 'more than 100x';
  return factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
}

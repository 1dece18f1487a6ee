import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** What the CEL of kube-apiserver made of a random expression (tools/cel-diff.mjs records them). */
interface Case {
  readonly expression: string;
  /** It names self and oldSelf of testdata/self.json, and else the variables of the generator. */
  readonly isSelf?: boolean;
  readonly compileError?: string;
  readonly planError?: string;
  readonly outputType?: string;
  /** Least and most, as texts: they can be larger than a double tells. */
  readonly estimate?: readonly string[];
  readonly value?: unknown;
  readonly error?: string;
  readonly cost?: string;
}

type Found = Omit<Case, 'estimate' | 'cost'> & { readonly estimate?: readonly number[]; readonly cost?: number };

/** The tool that records the cases also runs them, so both give values the same form. */
const tools = new URL('../../tools/cel/', import.meta.url);
const { runCase } = (await import(new URL('ours.mjs', tools).href)) as { runCase: (c: Case) => Found };
const text = readFileSync(new URL('../../src/cel/testdata/random.jsonl', import.meta.url), 'utf8');
const cases = text
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case);

/** Doubles tell no more than this apart. */
const isNear = (wanted: number, found: number) => Math.abs(wanted - found) <= (wanted > 2 ** 52 ? wanted * 1e-12 : 0);

function failureOf(wanted: Case): string | undefined {
  const { estimate, cost, ...found } = runCase(wanted);
  const { expression, isSelf: _, estimate: wantedEstimate, cost: wantedCost, ...rest } = wanted;
  try {
    assert.deepEqual(found, rest);
  } catch (error) {
    return `${expression}: ${(error as Error).message}`;
  }
  const costs = [...(estimate ?? []), ...(cost === undefined ? [] : [cost])];
  const wantedCosts = [...(wantedEstimate ?? []), ...(wantedCost === undefined ? [] : [wantedCost])].map(Number);
  const isSame = costs.length === wantedCosts.length && costs.every((c, i) => isNear(wantedCosts[i]!, c));
  return isSame ? undefined : `${expression}: costs ${costs.join()} and not ${wantedCosts.join()}`;
}

test('there are thousands of cases', () => {
  assert.ok(cases.length >= 3000);
});

test('random expressions have the values, errors, costs and estimates of the real server', () => {
  assert.deepEqual(
    cases.map(failureOf).filter((why) => why !== undefined),
    [],
  );
});

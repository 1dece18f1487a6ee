import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { load } from 'js-yaml';
import { readKep } from '../document/read-kep.ts';
import { readFeatureList } from './feature-list.ts';
import { gatePromises, releaseOf } from './promises.ts';

interface GateCase {
  readonly name: string;
  /** Fields of a kep.yaml. */
  readonly kep: string;
  /** By gate its stages: `Beta 1.33`. */
  readonly code: Readonly<Record<string, readonly string[]>>;
  readonly mismatches?: readonly string[];
}

const cases = load(
  readFileSync(new URL('../../../src/kep/testdata/gates.yaml', import.meta.url), 'utf8'),
) as GateCase[];

function listOf(code: GateCase['code']): string {
  const entries = Object.entries(code).map(([name, stages]) => ({
    name,
    versionedSpecs: stages.map((stage) => {
      const [preRelease, version] = stage.split(' ');
      return { default: true, lockToDefault: false, preRelease, version };
    }),
  }));
  return JSON.stringify(entries);
}

describe('what a KEP promises of gates', () => {
  for (const { name, kep, code, mismatches = [] } of cases)
    test(name, () => {
      const read = readKep('keps/sig-x/1-one', `{${kep}}`).kep;
      const found = gatePromises([read], readFeatureList(listOf(code)), 'v1.36');
      assert.deepEqual(
        found.flatMap((row) => row.mismatches.map(({ rule, message }) => `${rule}: ${message}`)),
        mismatches,
      );
    });

  test('is of the newest release that the list speaks of', () => {
    assert.equal(releaseOf(readFeatureList(listOf({ One: ['Alpha 1.9', 'Beta 1.36'], Two: ['GA 1.10'] }))), 'v1.36');
  });

  for (const { text, message } of [
    { text: 'a: 1', message: /must be a list/ },
    { text: '[{name: ""}]', message: /^\[0\]\.name must be a text/ },
    { text: '[{name: A}]', message: /^\[0\]\.versionedSpecs must be a list \(of A\)/ },
    { text: '[{name: A, versionedSpecs: [{version: x}]}]', message: /^\[0\]\.versionedSpecs\[0\]\.version must be/ },
    {
      text: '[{name: A, versionedSpecs: [{version: "1.3", preRelease: Gamma}]}]',
      message: /preRelease must be one of/,
    },
  ])
    test(`a list of features such as ${text} is refused with the place`, () =>
      assert.throws(() => readFeatureList(text), { name: 'ParseError', message }));
});

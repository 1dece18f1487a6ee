import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isStatusError } from 'nekube/apimachinery';
import { parseIntParameter, parseListOptions, parseMutateOptions } from './options.ts';

/** The texts of a refusal's causes, or its message where it has none; the empty list when nothing is refused. */
function refusal(parse: () => unknown): string[] {
  try {
    parse();
    return [];
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return error.status.details?.causes?.map((cause) => `${cause.field}: ${cause.message}`) ?? [error.message];
  }
}

type Refused = readonly (readonly [query: string, causes: readonly string[]])[];

const LIST: Refused = [
  ['', []],
  ['resourceVersion=5&resourceVersionMatch=Exact', []],
  [
    'resourceVersionMatch=Exact',
    ['resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided'],
  ],
  [
    'resourceVersion=0&resourceVersionMatch=Exact',
    ['resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'],
  ],
  [
    'resourceVersion=5&resourceVersionMatch=NotOlderThan&continue=x',
    ['resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided'],
  ],
  ['sendInitialEvents=true', ['sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list']],
];

const WATCH: Refused = [
  ['resourceVersion=5', []],
  ['sendInitialEvents=true&resourceVersionMatch=NotOlderThan', []],
  [
    'sendInitialEvents=false',
    ['resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'],
  ],
  [
    'resourceVersionMatch=NotOlderThan',
    [
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    ],
  ],
];

const WRITE: readonly (readonly ['Create' | 'Patch' | 'ApplyPatch', string, readonly string[]])[] = [
  ['Create', 'dryRun=All&fieldManager=me&fieldValidation=Strict', []],
  ['Create', 'dryRun=Some', ['dryRun: Unsupported value: ["Some"]: supported values: "All"']],
  [
    'Create',
    'fieldValidation=Loose',
    ['fieldValidation: Unsupported value: "Loose": supported values: "", "Ignore", "Strict", "Warn"'],
  ],
  ['Create', 'fieldManager=a%07', ['fieldManager: Invalid value: "a\\a": invalid character U+0007 (at position 1)']],
  ['Patch', 'force=true', ['force: Forbidden: may not be specified for non-apply patch']],
  ['ApplyPatch', 'force=true', ['fieldManager: Required value: is required for apply patch']],
];

describe('options that do not go together are refused', () => {
  for (const [query, causes] of LIST)
    test(`list: ${query}`, () =>
      assert.deepEqual(
        refusal(() => parseListOptions(new URLSearchParams(query), false)),
        causes,
      ));
  for (const [query, causes] of WATCH)
    test(`watch: ${query}`, () =>
      assert.deepEqual(
        refusal(() => parseListOptions(new URLSearchParams(query), true)),
        causes,
      ));
  for (const [kind, query, causes] of WRITE)
    test(`${kind}: ${query}`, () =>
      assert.deepEqual(
        refusal(() => parseMutateOptions(kind, new URLSearchParams(query))),
        causes,
      ));
});

test('a write that says nothing warns of unknown fields and is meant', () => {
  const { dryRun, fieldManager, fieldValidation, force } = parseMutateOptions('Create', new URLSearchParams());
  assert.deepEqual(
    { dryRun, fieldManager, fieldValidation, force },
    { dryRun: false, fieldManager: '', fieldValidation: 'Warn', force: false },
  );
});

test('numbers are read as Go reads them', () => {
  assert.deepEqual(
    ['5', '-1', '+7', null].map((text) => parseIntParameter(text)),
    [5, -1, 7, undefined],
  );
  assert.deepEqual(
    refusal(() => parseIntParameter('1e3')),
    ['strconv.ParseInt: parsing "1e3": invalid syntax'],
  );
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { isMalformedPattern, parsePathPattern } from 'nekube/smd';
import { PATH_EXPRESSION } from './path-rule.ts';

const table = load(readFileSync(new URL('../../src/smd/testdata/path-patterns.yaml', import.meta.url), 'utf8')) as {
  readonly patterns: readonly { readonly pattern: string }[];
  readonly malformed: readonly { readonly pattern: string }[];
};

/** JSON that is none, escapes that are none, numbers that are too large: only a parser can tell. */
const beyondExpressions = ['.a["\\q"]', '.a["\\u12"]', '.a[k:{"name"}]', '.a[k:["name"]]', '.a[99999999999999999999]'];

test('the expression of definitions takes what the parser takes, and refuses nearly all that it refuses', () => {
  const expression = new RegExp(PATH_EXPRESSION, 'u');
  for (const { pattern } of table.patterns) assert.ok(expression.test(pattern), pattern);
  for (const { pattern } of table.malformed)
    assert.equal(expression.test(pattern), beyondExpressions.includes(pattern), pattern);
  for (const pattern of beyondExpressions) assert.ok(isMalformedPattern(parsePathPattern(pattern)));
});

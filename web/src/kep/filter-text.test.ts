import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFilter } from 'nekube/kep';
import { asksFor, problemIn, termsIn, toggleValue, wordsIn } from './filter-text.ts';

test('a choice changes the text of a filter as one would by hand', () => {
  for (const [text, field, value, next] of [
    ['', 'sig', 'sig-node', 'sig:sig-node'],
    ['sig:node', 'sig', 'sig-node', ''],
    ['cpu sig:node', 'sig', 'sig-network', 'cpu sig:node,sig-network'],
    ['sig:node,network cpu', 'sig', 'sig-node', 'sig:network cpu'],
    ['-status:withdrawn', 'status', 'implemented', '-status:withdrawn status:implemented'],
    ['-status:withdrawn', 'status', 'withdrawn', '-status:withdrawn status:withdrawn'],
    ['is:stale', 'is', 'stale', ''],
    ['author:@a', 'author', 'Ada Byron', 'author:"Ada Byron"'],
    ['author:"Ada Byron"', 'author', 'Ada Byron', ''],
    ['author:"Ada Byron"', 'author', '@a', 'author:@a'],
    ['milestone:1.36', 'milestone', 'v1.36', ''],
  ] as const) {
    assert.equal(toggleValue(text, field, value), next, `${text} ${field} ${value}`);
    if (next !== '') assert.ok(parseFilter(next));
    assert.equal(asksFor(next, field)(value), !asksFor(text, field)(value));
  }
});

test('words and terms are told apart', () => {
  const text = 'user sig:node "name spaces" -status:withdrawn';
  assert.equal(wordsIn(text), 'user name spaces');
  assert.equal(termsIn(text), 'sig:node -status:withdrawn');
});

test('what is wrong is named, and where nothing is wrong nothing is', () => {
  for (const [text, code, field, value] of [
    ['sgi:node', 'field', 'sgi', 'node'],
    ['cpu sig:', 'empty', 'sig', ''],
    ['status:implemented,nope', 'value', 'status', 'nope'],
    ['updated:>=2024-13-01', 'day', 'updated', '2024-13-01'],
    ['milestone:soon', 'release', 'milestone', 'soon'],
    ['is:old', 'field', 'is', 'old'],
  ] as const)
    assert.deepEqual(problemIn(text), { code, field, value }, text);
  for (const text of ['', 'cpu', 'sig:node stage:alpha', 'is:stale', 'milestone:>=1.36']) {
    assert.equal(problemIn(text), undefined, text);
    assert.ok(parseFilter(text));
  }
});

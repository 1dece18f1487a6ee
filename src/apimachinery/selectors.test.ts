import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import * as am from './index.ts';

/** A selector, and how apimachinery 0.36 prints or refuses it. */
interface Vector {
  readonly form: 'labels' | 'fields' | 'formatSelector';
  readonly selector: never;
  readonly text?: string;
  readonly error?: string;
}

const file = new URL('../../src/apimachinery/testdata/selectors.jsonl', import.meta.url);
const vectors = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);

const print: Readonly<Record<Vector['form'], (selector: never) => string>> = {
  labels: (text) => am.parseLabelSelector(text).toString(),
  fields: (text) => am.parseFieldSelector(text).toString(),
  formatSelector: (object) => am.formatLabelSelector(object),
};

for (const { form, selector, text, error } of vectors) {
  test(`${form} ${JSON.stringify(selector)}`, () => {
    if (error === undefined) assert.equal(print[form](selector), text);
    else
      assert.throws(
        () => print[form](selector),
        (e) => am.isParseError(e) && e.message === error,
      );
  });
}

test('labels match', () => {
  const matches = (selector: string, labels: am.Labels) => am.parseLabelSelector(selector).matches(labels);
  assert.equal(matches('a in (x,y),!b', { a: 'y' }), true);
  assert.equal(matches('a in (x,y),!b', { a: 'y', b: '' }), false);
  assert.equal(matches('a!=x', undefined), true);
  assert.equal(matches('a notin (x)', { a: 'x' }), false);
  assert.equal(matches('a', { a: '' }), true);
  assert.equal(matches('n>3', { n: '10' }), true);
  assert.equal(matches('n<3', { n: 'many' }), false);
  assert.equal(matches('', undefined), true);
  assert.equal(matches('constructor', {}), false);
});

test('a missing selector object matches nothing, an empty one everything', () => {
  assert.equal(am.labelSelectorFromObject(null).matches({ a: '1' }), false);
  assert.equal(am.labelSelectorFromObject({}).matches(undefined), true);
  assert.equal(am.labelSelectorFromObject({ matchLabels: { a: '1' } }).exactMatch('a'), '1');
});

test('fields match, and a missing field is empty', () => {
  const selector = am.parseFieldSelector('metadata.name=a\\,b,spec.nodeName!=x');
  assert.equal(selector.matches({ 'metadata.name': 'a,b' }), true);
  assert.equal(selector.matches({ 'metadata.name': 'a,b', 'spec.nodeName': 'x' }), false);
  assert.equal(selector.exactMatch('metadata.name'), 'a,b');
});

const words = fc.array(
  fc.constantFrom('a', 'in', 'notin', '=', '==', '!=', '!', '(', ')', ',', ' ', '<', '>', '\\', '\0', 'é'),
  {
    maxLength: 12,
  },
);

test('what parses, prints to what parses alike; the rest is refused with a ParseError', () => {
  for (const parse of [am.parseLabelSelector, am.parseFieldSelector]) {
    fc.assert(
      fc.property(
        fc.oneof(
          words.map((parts) => parts.join('')),
          fc.string(),
        ),
        (text) => {
          // terms are sorted as they are written, and `==` is printed as `=`: the order may change once
          const said = (selector: string) =>
            parse(selector)
              .requirements.map((r) => JSON.stringify(r))
              .sort();
          let printed: string;
          try {
            printed = parse(text).toString();
          } catch (error) {
            return am.isParseError(error);
          }
          return said(printed).join() === said(text).join();
        },
      ),
      { numRuns: 500 },
    );
  }
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isStatusError } from 'nekube/apimachinery';
import { decodeContinue, encodeContinue } from './continue-token.ts';

const text = (json: string) => Buffer.from(json).toString('base64url');

test('a token says what it was made of', () => {
  for (const token of [
    { revision: 7, after: 'ns/name' },
    { revision: -1, after: 'a' },
  ])
    assert.deepEqual(decodeContinue(encodeContinue(token)), token);
});

test('a token is the JSON of kube-apiserver, its start the key that follows', () => {
  const json = Buffer.from(encodeContinue({ revision: 7, after: 'ns/a' }), 'base64url').toString();
  assert.equal(json, '{"v":"meta.k8s.io/v1","rv":7,"start":"ns/a\\u0000"}');
});

test('a start that is a key itself is given first', () => {
  const { after } = decodeContinue(text('{"v":"meta.k8s.io/v1","rv":7,"start":"ns/b"}'));
  const keys = ['ns', 'ns/', 'ns/a', 'ns/azz', 'ns/b', 'ns/b0'];
  assert.deepEqual(
    keys.filter((key) => key > after),
    ['ns/b', 'ns/b0'],
  );
});

/** What is wrong with a token, and how it is said. */
const REFUSED: readonly (readonly [token: string, why: string])[] = [
  ['a+b', 'illegal base64 data at input byte 1'],
  ['abcde', 'illegal base64 data at input byte 4'],
  [text('{"v":"meta.k8s.io/v2"}'), 'server does not recognize this encoded version "meta.k8s.io/v2"'],
  [text('{}'), 'server does not recognize this encoded version ""'],
  [text('{"v":"meta.k8s.io/v1","start":"a"}'), 'incorrect encoded start resourceVersion (version meta.k8s.io/v1)'],
  [text('{"v":"meta.k8s.io/v1","rv":1}'), 'encoded start key empty (version meta.k8s.io/v1)'],
  [text('{"v":"meta.k8s.io/v1","rv":1,"start":"a/../b"}'), 'invalid start key'],
];

describe('a token that is none is refused', () => {
  for (const [token, why] of REFUSED)
    test(why, () => {
      const isRefusal = (error: unknown) =>
        isStatusError(error, 'BadRequest') &&
        error.message === `invalid continue token: continue key is not valid: ${why}`;
      assert.throws(() => decodeContinue(token), isRefusal);
    });
});

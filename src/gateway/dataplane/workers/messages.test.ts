import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import { PrivateText } from '../../model/private-text.ts';
import { packed, unpacked } from './messages.ts';

/** As it comes out of a pipe. */
function sent<T>(value: T): T {
  return deserialize(serialize(packed(value))) as T;
}

test('a private text goes through the pipe, and hides itself again', () => {
  const { key } = unpacked(undefined, sent({ key: new PrivateText('secret') }));
  assert.equal(key.reveal(), 'secret');
  assert.equal(JSON.stringify({ key }), '{"key":"[redacted]"}');
});

test('what did not change is the same object, also where lists have more before it', () => {
  const settings = { timeoutMs: 1 };
  const route = (name: string) => ({ name, settings });
  const model = (names: readonly string[]) => ({
    routes: names.map(route),
    secrets: new Map([['s', { key: new PrivateText('x') }]]),
  });
  const before = unpacked(undefined, sent(model(['b', 'c'])));
  assert.equal(before.routes[0]!.settings, before.routes[1]!.settings, 'what was one object is one');
  assert.equal(unpacked(before, sent(model(['b', 'c']))), before);
  const after = unpacked(before, sent(model(['a', 'b', 'c'])));
  assert.deepEqual(after.routes.slice(1), before.routes);
  assert.equal(after.routes[1], before.routes[0]);
  assert.equal(after.routes[2], before.routes[1]);
  assert.equal(after.secrets, before.secrets);
});

test('what changed in all places is still one object', () => {
  const model = (timeoutMs: number) => {
    const settings = { timeoutMs };
    return [
      { name: 'a', settings },
      { name: 'b', settings },
    ];
  };
  const after = unpacked(unpacked(undefined, sent(model(1))), sent(model(2)));
  assert.deepEqual(after, model(2));
  assert.equal(after[0]!.settings, after[1]!.settings);
});

test('what lost a field or a member is another', () => {
  const before = unpacked(undefined, sent({ a: 1, b: undefined as number | undefined, list: [1, 2] }));
  assert.deepEqual(unpacked<object>(before, sent({ a: 1, list: [1] })), { a: 1, list: [1] });
});

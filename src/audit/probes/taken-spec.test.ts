import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from 'nekube/apimachinery';
import { takenSpec } from './taken-spec.ts';

const text = { type: 'string' };
const object = (properties: JsonObject, required: string[] = []): JsonObject => ({
  type: 'object',
  properties,
  required,
});

/** As of an operator's broker: it is named in one of two ways. */
const BROKER = object({ name: text, secret: object({ name: text }, ['name']), namespace: text });
const broker = ({ broker: of = {} }: JsonObject): string | undefined => {
  const { name, secret } = of as JsonObject;
  if (name === undefined && secret === undefined) return 'name or secret';
  if (name !== undefined && secret !== undefined) return 'not both name and secret';
  return secret === undefined ? undefined : 'secret "audit" not found';
};

type Server = (spec: JsonObject) => string | undefined;

/** A schema, what the server says of a spec, and the spec that is found. */
const CASES: readonly (readonly [string, JsonObject, Server, JsonObject])[] = [
  [
    'all that may be, where the server takes that',
    object({ a: text, b: text }),
    () => undefined,
    { a: 'audit', b: 'audit' },
  ],
  [
    'the first of two that exclude each other',
    object({ a: text, b: text, c: text }),
    ({ a, b }) => (a !== undefined && b !== undefined ? 'a or b' : undefined),
    { a: 'audit', c: 'audit' },
  ],
  [
    'one of two, where one must be there, and no namespace that is not',
    object({ broker: BROKER, tags: { type: 'array', items: text } }, ['broker']),
    broker,
    { broker: { name: 'audit' }, tags: ['audit'] },
  ],
  [
    'several such choices, of which the server tells one at a time',
    object({ broker: BROKER, user: text, userReference: object({ name: text }) }, ['broker']),
    (spec) => {
      if (spec.user === undefined && spec.userReference === undefined) return 'user or userReference';
      return spec.user !== undefined && spec.userReference !== undefined ? 'not both users' : broker(spec);
    },
    { broker: { name: 'audit' }, user: 'audit' },
  ],
];

for (const [name, schema, server, spec] of CASES)
  test(`a spec that the server takes: ${name}`, async () => {
    assert.deepEqual(await takenSpec(schema, async (one) => server(one)), { spec });
  });

test('a spec that the server takes: none, with why', async () => {
  let asked = 0;
  const secret = object({ uriSecret: object({ name: text }), a: text }, ['uriSecret']);
  const found = await takenSpec(secret, async () => {
    asked++;
    return 'secret "" not found';
  });
  assert.deepEqual(found, { spec: { uriSecret: {} }, why: 'secret "" not found' });
  assert.equal(asked, 4);
});

test('a spec that the server takes: a server that complains of something else each time is asked for so long, and no longer', async () => {
  let asked = 0;
  const many = object(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`m${i}`, text])));
  const { why } = await takenSpec(many, async () => `complaint ${++asked}`);
  assert.deepEqual([asked, why], [200, 'too many were tried']);
});

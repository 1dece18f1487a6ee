import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodeProtobuf,
  encodeProtobuf,
  isParseError,
  type JsonObject,
  parseJson,
  type ProtobufMessages,
  stringifyJson,
  unwrapUnknown,
  wrapUnknown,
} from './index.ts';

/** An object, its Go JSON and its Go protobuf envelope. */
interface Vector {
  readonly object: JsonObject;
  readonly out: { readonly hex: string; readonly json: JsonObject };
}

const read = (name: string) =>
  readFileSync(new URL(`../../src/apimachinery/testdata/${name}`, import.meta.url), 'utf8');
const vectors = read('protobuf.jsonl')
  .split('\n')
  .filter(Boolean)
  .map((line) => parseJson(line) as unknown as Vector);
const facts = parseJson(read('protobuf-facts.json')) as unknown as ProtobufMessages & { kinds: Record<string, string> };

function messageOf(object: JsonObject): string {
  return facts.kinds[`${object.apiVersion}/${object.kind}`]!;
}

vectors.forEach(({ object, out }, i) => {
  const { apiVersion, kind } = object as { apiVersion: string; kind: string };
  const message = messageOf(object);

  test(`${kind} (${i}) is written as Go writes it`, () => {
    const raw = encodeProtobuf(message, object, facts);
    assert.equal(Buffer.from(wrapUnknown({ apiVersion, kind, raw })).toString('hex'), out.hex);
  });

  test(`${kind} (${i}) is read into Go's JSON`, () => {
    const unknown = unwrapUnknown(Buffer.from(out.hex, 'hex'));
    assert.deepEqual([unknown.apiVersion, unknown.kind], [apiVersion, kind]);
    const decoded = { kind, apiVersion, ...decodeProtobuf(message, unknown.raw, facts) };
    assert.deepEqual(JSON.parse(stringifyJson(decoded)), JSON.parse(stringifyJson(out.json)));
    assert.equal(Buffer.from(encodeProtobuf(message, decoded, facts)).compare(unknown.raw), 0);
  });
});

test('unknown fields are skipped', () => {
  const raw = encodeProtobuf(messageOf(vectors[0]!.object), vectors[0]!.object, facts);
  const more = Buffer.concat([raw, Buffer.from('f8ff7f01fa ff7f0161'.replace(' ', ''), 'hex')]);
  assert.deepEqual(
    decodeProtobuf(messageOf(vectors[0]!.object), more, facts),
    decodeProtobuf(messageOf(vectors[0]!.object), raw, facts),
  );
});

test('messages nested too deep are refused', () => {
  let raw = Buffer.alloc(0);
  const varint = (n: number) => (n < 128 ? [n] : [(n & 127) | 128, ...varintRest(n)]);
  const varintRest = (n: number): number[] => varint(Math.floor(n / 128));
  for (let i = 0; i < 3000; i++) raw = Buffer.concat([Buffer.from([0xe2, 1, ...varint(raw.length)]), raw]);
  const name = 'k8s.io.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';
  assert.throws(() => decodeProtobuf(name, raw, facts), isParseError);
});

test('damaged bytes are read or refused, never more', () => {
  const samples = vectors.map((v) => ({ message: messageOf(v.object), bytes: Buffer.from(v.out.hex, 'hex') }));
  const damage = fc.record({
    sample: fc.constantFrom(...samples),
    at: fc.nat(2000),
    bytes: fc.uint8Array({ maxLength: 6 }),
    cut: fc.nat(8),
  });
  fc.assert(
    fc.property(damage, ({ sample, at, bytes, cut }) => {
      const i = at % sample.bytes.length;
      const damaged = Buffer.concat([sample.bytes.subarray(0, i), bytes, sample.bytes.subarray(i + cut)]);
      try {
        decodeProtobuf(sample.message, unwrapUnknown(damaged).raw, facts);
      } catch (e) {
        if (!isParseError(e)) throw e;
      }
    }),
    { numRuns: 1500 },
  );
});

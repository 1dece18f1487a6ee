import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type KubeObject, stringifyJson, type JsonValue } from 'nekube/apimachinery';
import type { Entry } from 'nekube/storage';
import { listBody } from './list-body.ts';
import { decodeRecord, encodeRecord, itemBytes, recordJson, sameRecord, writeItem } from './record.ts';

const TYPE_META = '"kind":"ConfigMap","apiVersion":"v1",';

function configMap(name: string, data: string): KubeObject {
  return {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name, uid: `uid-of-${name}`, creationTimestamp: '2026-01-02T03:04:05Z' },
    data: { text: data },
  };
}

function entryOf(object: KubeObject, modRevision: number): Entry {
  return {
    key: `/registry/configmaps/default/${object.metadata.name}`,
    value: encodeRecord(object),
    modRevision,
    createRevision: 1,
  };
}

/** Texts that bytes and characters count differently, and one that looks like the place of the resourceVersion. */
const TEXTS = ['plain', 'grüße', '日本', '😀', '"uid":"uid-of-a"', '<&>\u2028'];

describe('a record keeps an object and takes its revision from its entry', () => {
  for (const text of TEXTS)
    test(text, () => {
      const object = configMap('a', text);
      const { uid, creationTimestamp } = object.metadata;
      const expected = { ...object, metadata: { name: 'a', uid, resourceVersion: '42', creationTimestamp } };
      const decoded = decodeRecord(entryOf(object, 42), 'v1', 'ConfigMap');
      assert.equal(stringifyJson(decoded as unknown as JsonValue), stringifyJson(expected as unknown as JsonValue));
      assert.equal(
        recordJson(entryOf(object, 42), TYPE_META, 42, '\n').toString(),
        `${stringifyJson(expected as unknown as JsonValue)}\n`,
      );
    });
});

test('a resourceVersion that the object brings along is not stored', () => {
  const object = configMap('a', 'x');
  const other = { ...object, metadata: { ...object.metadata, resourceVersion: '9', selfLink: '/a' } };
  assert.equal(sameRecord(encodeRecord(object), encodeRecord(other)), true);
  assert.equal(sameRecord(encodeRecord(object), encodeRecord(configMap('a', 'y'))), false);
});

test('an object without a uid is not stored', () => {
  assert.throws(() => encodeRecord({ metadata: { name: 'a' } }), TypeError);
});

test('an item of a list has the bytes that its length says', () => {
  for (const text of TEXTS) {
    const entry = entryOf(configMap('a', text), 1234);
    const target = Buffer.alloc(itemBytes(entry) + 2, '.');
    assert.equal(writeItem(entry, target, 1), target.length - 1);
    assert.equal(target.toString(), `.${recordJson(entry, '')}.`);
  }
});

describe('a list', () => {
  const head = (version: number) => `{"metadata":{"resourceVersion":"${version}"},"items":[`;
  const listed = (version: number, entries: readonly Entry[]) =>
    `${head(version)}${entries.map((entry) => recordJson(entry, '').toString()).join(',')}]}\n`;

  for (const size of [0, 1, 3])
    test(`of ${size} is its head, its items and the end`, () => {
      const entries = TEXTS.slice(0, size).map((text, i) => entryOf(configMap(`c${i}`, text), i + 2));
      assert.equal(listBody(head(9), entries).toString(), listed(9, entries));
    });

  test('that is large is shared until an entry changes, also under a new head', () => {
    const entries = [1, 2].map((i) => entryOf(configMap(`c${i}`, 'ü'.repeat(40_000)), i));
    const first = listBody(head(9), entries);
    assert.equal(listBody(head(9), [...entries]), first);
    assert.equal(listBody(head(100), entries).toString(), listed(100, entries));
    const changed = [entries[0]!, entryOf(configMap('c2', 'new'), 10)];
    assert.equal(listBody(head(100), changed).toString(), listed(100, changed));
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { openMemory, type StorageEvent } from 'nekube/storage';
import { decodeRecord, encodeRecord, storedVersionOf } from '../registry/record.ts';
import { ConvertingStorage } from './converting-storage.ts';
import { WebhookConverter } from './webhook-converter.ts';

const WEBHOOK = { clientConfig: { url: 'https://127.0.0.1:1/convert' }, conversionReviewVersions: ['v1'] };
const OBJECT: KubeObject = {
  kind: 'Gear',
  apiVersion: 'example.com/v1',
  metadata: { name: 'a', namespace: 'n', uid: 'u', labels: { x: 'y' } },
  spec: { teeth: 3 },
};

/** A converter whose webhook answers with what becomes of a good answer. */
function converter(change: (review: JsonObject, object: JsonObject) => void): WebhookConverter {
  return new WebhookConverter(
    {
      async post(_target, review) {
        const { uid, desiredAPIVersion, objects } = review.request as JsonObject;
        const object = structuredClone((objects as JsonObject[])[0]!);
        object.apiVersion = desiredAPIVersion!;
        const response = { uid: uid!, convertedObjects: [object], result: { status: 'Success' } };
        const answer: JsonObject = { kind: review.kind!, apiVersion: review.apiVersion!, response };
        change(answer, object);
        return answer;
      },
    },
    WEBHOOK,
  );
}

const responseOf = (review: JsonObject) => review.response as JsonObject;

describe('a webhook that converts', () => {
  test('changes all but the metadata, of which labels and annotations', async () => {
    const converted = await converter((_, object) => {
      object.spec = { size: '3' };
      object.metadata = { ...(object.metadata as JsonObject), labels: { z: '1' }, generation: 9 };
    }).convert(OBJECT, 'example.com/v2');
    assert.deepEqual(converted, {
      ...OBJECT,
      apiVersion: 'example.com/v2',
      metadata: { ...OBJECT.metadata, labels: { z: '1' } },
      spec: { size: '3' },
    });
  });

  test('is not asked for the version that an object has', async () => {
    const asked = converter(() => assert.fail('it was asked'));
    assert.equal(await asked.convert(OBJECT, 'example.com/v1'), OBJECT);
  });

  // what kube-apiserver said of the same answers
  const REFUSED: readonly (readonly [string, (review: JsonObject, object: JsonObject) => void, string])[] = [
    [
      'another name',
      (_, o) => ((o.metadata as JsonObject).name = 'b'),
      'returned invalid object: must have the same name: a != b',
    ],
    [
      'another uid',
      (_, o) => ((o.metadata as JsonObject).uid = 'v'),
      'returned invalid object: must have the same UID: u != v',
    ],
    [
      'another version',
      (_, o) => (o.apiVersion = 'x/v9'),
      'returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received x/v9)',
    ],
    [
      'another kind',
      (_, o) => (o.kind = 'K'),
      'returned invalid object at index 0: invalid kind (expected Gear, received K)',
    ],
    ['no metadata', (_, o) => delete o.metadata, 'returned invalid object: must have the same name: a != '],
    ['no objects', (r) => (responseOf(r).convertedObjects = []), 'returned 0 objects, expected 1'],
    ['a failure', (r) => (responseOf(r).result = { status: 'Failure', message: 'no' }), 'failed: no'],
    ['no result', (r) => (responseOf(r).result = {}), "failed: response.result.status was '', not 'Success'"],
    ['no response', (r) => delete r.response, 'failed: no response provided'],
    [
      'another kind of review',
      (r) => (r.kind = 'Foo'),
      'failed: no kind "Foo" is registered for version "apiextensions.k8s.io/v1" in scheme "pkg/runtime/scheme.go:111"',
    ],
  ];
  for (const [what, change, why] of REFUSED)
    test(`is refused for ${what}`, async () => {
      await assert.rejects(converter(change).convert(OBJECT, 'example.com/v2'), {
        message: `conversion webhook for example.com/v1, Kind=Gear ${why}`,
      });
    });
});

describe('a storage that converts', () => {
  const KEY = '/registry/example.com/gears/n/a';
  const v2: KubeObject = { ...OBJECT, apiVersion: 'example.com/v2', spec: { size: '3' } };
  const convert = async (object: KubeObject, to: string): Promise<KubeObject> => {
    if (object.apiVersion === to) return object;
    const spec = to.endsWith('v2') ? { size: String(object.spec.teeth) } : { teeth: Number(object.spec.size) };
    return { ...object, apiVersion: to, spec };
  };

  const open = () => {
    const memory = openMemory();
    const options = { apiVersion: 'example.com/v2', storageApiVersion: 'example.com/v1', kind: 'Gear' };
    const storage = new ConvertingStorage(memory, { ...options, settleStored: (object) => object, convert });
    return { memory, storage };
  };
  const specOf = (entry: Parameters<typeof decodeRecord>[0]) => decodeRecord(entry, '', '').spec as JsonObject;

  test('stores the version that is stored, and reads its own', async () => {
    const { memory, storage } = open();
    const result = await storage.write({ key: KEY, value: encodeRecord(v2, true), expect: 0 });
    assert.ok(result.ok && result.entry);
    assert.deepEqual(specOf(result.entry), { size: '3' });
    const stored = memory.get(KEY)!;
    assert.deepEqual([storedVersionOf(stored), specOf(stored)], ['example.com/v1', { teeth: 3 }]);
    const { entries } = await storage.range('/registry/example.com/gears/');
    assert.deepEqual(
      [...entries, (await storage.get(KEY))!, (await storage.head(KEY))!].map(specOf),
      Array.from({ length: 3 }, () => ({ size: '3' })),
    );
    await memory.close();
  });

  test('tells of changes in their order', async () => {
    const { memory, storage } = open();
    const seen: StorageEvent[] = [];
    let [resolve, reject] = [() => {}, (_: Error) => {}];
    const done = new Promise<void>((onDone, onError) => ([resolve, reject] = [onDone, onError]));
    storage.watch({
      prefix: '/registry/example.com/gears/',
      after: 0,
      onEvents: (events) => {
        seen.push(...events);
        if (seen.length === 3) resolve();
      },
      onError: (error) => reject(error),
    });
    for (const size of ['1', '2', '3'])
      await storage.write({ key: KEY, value: encodeRecord({ ...v2, spec: { size } }, true) });
    await done;
    assert.deepEqual(
      seen.map(({ entry }) => specOf(entry!)),
      [{ size: '1' }, { size: '2' }, { size: '3' }],
    );
    await memory.close();
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject, OwnerReference } from 'nekube/apimachinery';
import type { ObjectKey } from 'nekube/client';
import { type EventHandler, enqueueMapped, enqueueObject, enqueueOwner, withPriorityOf } from './handlers.ts';
import type { ObjectEvent } from './object-event.ts';
import type { AddOptions } from './queue/work-queue.ts';

const WEB = { apiVersion: 'example.com/v1', kind: 'Web' };

/** What a handler requests of an event. */
async function requestsOf(handler: EventHandler, event: ObjectEvent): Promise<ObjectKey[]> {
  const requests: ObjectKey[] = [];
  await handler.handle(event, { add: (request) => requests.push(request) });
  return requests;
}

function owned(...owners: readonly Partial<OwnerReference>[]): KubeObject {
  const ownerReferences = owners.map((owner) => ({ ...WEB, name: 'shop', uid: 'u', controller: true, ...owner }));
  return { metadata: { namespace: 'default', name: 'child', ownerReferences } };
}

const created = (object: KubeObject): ObjectEvent => ({ type: 'created', object, initial: false });

test('an object requests itself, with its namespace if it has one', async () => {
  assert.deepEqual(await requestsOf(enqueueObject, created({ metadata: { namespace: 'n', name: 'a' } })), [
    { namespace: 'n', name: 'a' },
  ]);
  assert.deepEqual(await requestsOf(enqueueObject, created({ metadata: { name: 'a' } })), [{ name: 'a' }]);
});

const shop = { namespace: 'default', name: 'shop' };
const ownerCases: readonly (readonly [string, EventHandler, KubeObject, readonly ObjectKey[]])[] = [
  ['its controller', enqueueOwner(WEB), owned({}), [shop]],
  ['a controller in another version of its group', enqueueOwner(WEB), owned({ apiVersion: 'example.com/v2' }), [shop]],
  ['nothing for a controller of another group', enqueueOwner(WEB), owned({ apiVersion: 'example.org/v1' }), []],
  ['nothing for a controller of another kind', enqueueOwner(WEB), owned({ kind: 'Page' }), []],
  ['nothing for an owner that is not its controller', enqueueOwner(WEB), owned({ controller: false }), []],
  [
    'every owner, if they are meant',
    enqueueOwner(WEB, { matchEveryOwner: true }),
    owned({ controller: false }, { name: 'other' }, { name: 'other' }),
    [shop, { namespace: 'default', name: 'other' }],
  ],
  ['an owner without a namespace', enqueueOwner(WEB, { namespaced: false }), owned({}), [{ name: 'shop' }]],
];

for (const [name, handler, object, expected] of ownerCases) {
  test(`an owned object requests ${name}`, async () => {
    assert.deepEqual(await requestsOf(handler, created(object)), expected);
  });
}

test('an update requests the old and the new owner, each once', async () => {
  const update = (old: KubeObject, object: KubeObject): ObjectEvent => ({ type: 'updated', old, object });
  const names = (requests: readonly ObjectKey[]): string[] => requests.map(({ name }) => name);
  const handler = enqueueOwner(WEB);
  assert.deepEqual(names(await requestsOf(handler, update(owned({ name: 'a' }), owned({ name: 'b' })))), ['a', 'b']);
  assert.deepEqual(names(await requestsOf(handler, update(owned({}), owned({})))), ['shop']);
});

test('a mapper may take its time', async () => {
  const handler = enqueueMapped(async ({ metadata }) => [
    { name: `${metadata.name}-1` },
    { name: `${metadata.name}-2` },
  ]);
  assert.deepEqual(await requestsOf(handler, created({ metadata: { name: 'a' } })), [{ name: 'a-1' }, { name: 'a-2' }]);
});

const priorities: readonly (readonly [string, ObjectEvent, number | undefined])[] = [
  ['what was there at the start is not urgent', { type: 'created', object: { metadata: {} }, initial: true }, -100],
  ['what is new is', created({ metadata: {} }), undefined],
  [
    'a resync is not',
    { type: 'updated', object: { metadata: { resourceVersion: '1' } }, old: { metadata: { resourceVersion: '1' } } },
    -100,
  ],
  [
    'a change is',
    { type: 'updated', object: { metadata: { resourceVersion: '2' } }, old: { metadata: { resourceVersion: '1' } } },
    undefined,
  ],
];

for (const [name, event, expected] of priorities) {
  test(`priorities: ${name}`, () => {
    const added: (AddOptions | undefined)[] = [];
    const queue = withPriorityOf(event, { add: (_: string, options) => added.push(options) });
    queue.add('a');
    queue.add('a', { priority: 7 });
    assert.deepEqual(
      added.map((options) => options?.priority),
      [expected, 7],
    );
  });
}

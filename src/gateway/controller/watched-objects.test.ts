import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import type { ObjectStore } from 'nekube/client';
import type { SnapshotKind } from '../translate/index.ts';
import { keyOf, WatchedObjects } from './watched-objects.ts';

const object = (name: string, resourceVersion = '1'): KubeObject => ({
  metadata: { namespace: 'shop', name, resourceVersion },
});

/** What of a store is asked for. */
function storeOf(objects: Map<string, KubeObject>): ObjectStore<KubeObject> {
  const store: Partial<ObjectStore<KubeObject>> = {
    list: () => [...objects.values()],
    get: (key) => objects.get(keyOf({ metadata: key })),
  };
  return store as ObjectStore<KubeObject>;
}

test('a map stays the same until an object in it is another one, and has what the store has', () => {
  const services = new Map(['a', 'b'].map((name) => [`shop/${name}`, object(name)]));
  const watched = new WatchedObjects(new Map<SnapshotKind, ObjectStore<KubeObject>>([['services', storeOf(services)]]));
  const first = watched.objects().services;
  assert.deepEqual([...first.keys()], ['shop/a', 'shop/b']);
  watched.changed('services', services.get('shop/a')!);
  assert.equal(watched.objects().services, first, 'it was told of, and is the same object');

  const [old, other] = [services.get('shop/b')!, object('b', '2')];
  services.set('shop/b', other);
  services.set('shop/c', object('c'));
  services.delete('shop/a');
  for (const each of [object('a'), other, object('c')]) watched.changed('services', each);
  const now = watched.objects().services;
  assert.deepEqual([...now.keys()].sort(), ['shop/b', 'shop/c']);
  assert.equal(now.get('shop/b'), other);
  assert.equal(first.get('shop/b'), old, 'what was given before stays as it was');
  assert.equal(watched.objects().services, now);
});

test('objects of parts that the cluster does not have are none', () => {
  assert.equal(new WatchedObjects(new Map()).objects().xBackends.size, 0);
});

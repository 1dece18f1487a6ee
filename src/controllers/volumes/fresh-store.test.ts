import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import type { Informer, ObjectHandler, ObjectKey } from 'nekube/client';
import { FreshStore } from './fresh-store.ts';

const at = (resourceVersion: string): KubeObject => ({ metadata: { name: 'v', resourceVersion } });

/** An informer that sees what it is told. */
function informer() {
  let seen: KubeObject | undefined;
  let handler: ObjectHandler | undefined;
  const store = {
    get: (_key: ObjectKey) => seen,
    list: () => (seen === undefined ? [] : [seen]),
    byIndex: () => [],
    size: 1,
  };
  const fake = { store, handle: (given: ObjectHandler) => (handler = given) } as unknown as Informer;
  return {
    fake,
    see: (object: KubeObject) => (seen = object),
    lose() {
      handler!.deleted!(seen!, true);
      seen = undefined;
    },
  };
}

test('what was written is seen until the informer has it, or something newer', () => {
  const { fake, see } = informer();
  const fresh = new FreshStore(fake);
  const versionNow = () => [fresh.get({ name: 'v' }), ...fresh.list()].map((one) => one?.metadata.resourceVersion);
  see(at('9'));
  fresh.put(at('10'));
  assert.deepEqual(versionNow(), ['10', '10']);
  see(at('11'));
  assert.deepEqual(versionNow(), ['11', '11']);
  // somebody restored an older state: what was written is forgotten by now
  see(at('5'));
  assert.deepEqual(versionNow(), ['5', '5']);
});

test('what was written and is deleted is gone', () => {
  const { fake, see, lose } = informer();
  const fresh = new FreshStore(fake);
  see(at('9'));
  fresh.put(at('10'));
  lose();
  assert.equal(fresh.get({ name: 'v' }), undefined);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import type { ServedResource } from '../registry/served.ts';
import { decideDelete, type DeleteOptions } from './delete.ts';

const NOW = new Date('2026-01-02T03:04:05Z');

/** A kind that is deleted at once, and one that waits as pods do. */
const PLAIN = { rules: {} } as ServedResource;
const GRACEFUL = {
  rules: { gracePeriodSeconds: (_object: KubeObject, asked: number | undefined) => asked ?? 30 },
} as unknown as ServedResource;

interface Case {
  readonly name: string;
  readonly resource?: ServedResource;
  readonly metadata?: KubeObject['metadata'];
  readonly options?: DeleteOptions;
  readonly decision: string;
  /** The metadata afterwards, where it changes. */
  readonly after?: KubeObject['metadata'];
}

const deletedAt = (seconds: number, more: KubeObject['metadata'] = {}): KubeObject['metadata'] => ({
  ...more,
  deletionTimestamp: new Date(NOW.getTime() + seconds * 1000).toISOString().replace('.000', ''),
});

const CASES: readonly Case[] = [
  { name: 'an object that nobody holds goes', decision: 'remove' },
  {
    name: 'an object with a finalizer is marked and waits',
    metadata: { finalizers: ['a/b'] },
    decision: 'update',
    after: deletedAt(0, { finalizers: ['a/b'], deletionGracePeriodSeconds: 0 }),
  },
  {
    name: 'a second delete of one that waits changes nothing',
    metadata: deletedAt(-9, { finalizers: ['a/b'], deletionGracePeriodSeconds: 0 }),
    decision: 'keep',
  },
  {
    name: 'Foreground leaves it to the garbage collector',
    options: { propagationPolicy: 'Foreground' },
    decision: 'update',
    after: deletedAt(0, { finalizers: ['foregroundDeletion'], deletionGracePeriodSeconds: 0 }),
  },
  {
    name: 'Background takes the collector’s finalizers away',
    metadata: { finalizers: ['foregroundDeletion'] },
    options: { propagationPolicy: 'Background' },
    decision: 'remove',
    after: {},
  },
  {
    name: 'a pod waits for its node',
    resource: GRACEFUL,
    decision: 'update',
    after: deletedAt(30, { deletionGracePeriodSeconds: 30 }),
  },
  {
    name: 'a pod without a grace period goes at once',
    resource: GRACEFUL,
    options: { gracePeriodSeconds: 0 },
    decision: 'updateAndRemove',
    after: deletedAt(0, { deletionGracePeriodSeconds: 0 }),
  },
  {
    name: 'a longer period does not bring back time',
    resource: GRACEFUL,
    metadata: deletedAt(30, { deletionGracePeriodSeconds: 30 }),
    options: { gracePeriodSeconds: 60 },
    decision: 'keep',
  },
  {
    name: 'a shorter period counts from the first delete',
    resource: GRACEFUL,
    metadata: deletedAt(30, { deletionGracePeriodSeconds: 30 }),
    options: { gracePeriodSeconds: 10 },
    decision: 'update',
    after: deletedAt(10, { deletionGracePeriodSeconds: 10 }),
  },
];

describe('a delete', () => {
  for (const { name, resource = PLAIN, metadata = {}, options = {}, decision, after = metadata } of CASES)
    test(name, () => {
      const object = { metadata: structuredClone(metadata) } as KubeObject;
      assert.equal(decideDelete(resource, object, options, NOW), decision);
      assert.deepEqual(object.metadata, after);
    });
});

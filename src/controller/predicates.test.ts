import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject, ObjectMeta } from 'nekube/apimachinery';
import type { ObjectEvent } from './object-event.ts';
import {
  and,
  annotationChanged,
  byLabelSelector,
  generationChanged,
  labelChanged,
  matching,
  not,
  or,
  type Predicate,
  resourceVersionChanged,
} from './predicates.ts';

const object = (metadata: ObjectMeta): KubeObject => ({ metadata });
const updated = (old: ObjectMeta, now: ObjectMeta): ObjectEvent => ({
  type: 'updated',
  old: object(old),
  object: object(now),
});
const created: ObjectEvent = { type: 'created', object: object({ labels: { app: 'web' } }), initial: false };

const cases: readonly (readonly [string, Predicate, ObjectEvent, boolean])[] = [
  ['a create passes what is about updates', generationChanged, created, true],
  ['a new generation passes', generationChanged, updated({ generation: 1 }, { generation: 2 }), true],
  ['a new status does not', generationChanged, updated({ generation: 1 }, { generation: 1 }), false],
  [
    'the beginning of a deletion passes, or no finalizer would run',
    generationChanged,
    updated({ generation: 1 }, { generation: 1, deletionTimestamp: '2026-01-01T00:00:00Z' }),
    true,
  ],
  [
    'a status of what is being deleted does not',
    generationChanged,
    updated(
      { generation: 2, deletionTimestamp: '2026-01-01T00:00:00Z' },
      { generation: 2, deletionTimestamp: '2026-01-01T00:00:00Z' },
    ),
    false,
  ],
  ['a kind without generations passes', generationChanged, updated({ resourceVersion: '1' }, {}), true],
  [
    'a resync does not pass',
    resourceVersionChanged,
    updated({ resourceVersion: '1' }, { resourceVersion: '1' }),
    false,
  ],
  ['a new version passes', resourceVersionChanged, updated({ resourceVersion: '1' }, { resourceVersion: '2' }), true],
  ['a new label passes', labelChanged, updated({}, { labels: { a: '' } }), true],
  [
    'the same labels do not',
    labelChanged,
    updated({ labels: { a: '1', b: '2' } }, { labels: { b: '2', a: '1' } }),
    false,
  ],
  ['another value of a label passes', labelChanged, updated({ labels: { a: '1' } }, { labels: { a: '2' } }), true],
  ['another label with as many passes', labelChanged, updated({ labels: { a: '1' } }, { labels: { b: '1' } }), true],
  ['a new annotation is no new label', labelChanged, updated({}, { annotations: { a: '' } }), false],
  ['a new annotation passes', annotationChanged, updated({}, { annotations: { a: '' } }), true],
  ['labels that a selector selects pass', byLabelSelector('app=web'), created, true],
  ['others do not', byLabelSelector('app!=web'), created, false],
  ['all must pass', and(byLabelSelector('app'), not(byLabelSelector('app'))), created, false],
  ['one must pass', or(byLabelSelector('!app'), byLabelSelector('app')), created, true],
  ['of none all pass', and(), created, true],
  ['of none no one passes', or(), created, false],
  [
    'a function sees the new object',
    matching(({ metadata }) => metadata.name === 'b'),
    updated({ name: 'a' }, { name: 'b' }),
    true,
  ],
];

for (const [name, predicate, event, expected] of cases) {
  test(`predicates: ${name}`, () => assert.equal(predicate(event), expected));
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newTroubles } from './troubles.ts';

const condition = (type: string, status: string, reason: string, message = ''): object => ({
  type,
  status,
  reason,
  message,
});

test('what is wrong is told once, with where', () => {
  const before = { conditions: [condition('Accepted', 'False', 'InvalidParameters', 'leave it out')] };
  const after = {
    conditions: [...before.conditions, condition('Programmed', 'False', 'Pending')],
    listeners: [
      {
        name: 'https',
        conditions: [
          condition('ResolvedRefs', 'False', 'InvalidCertificateRef', 'there is no Secret a/b'),
          condition('Conflicted', 'False', 'NoConflicts'),
          condition('Accepted', 'True', 'Accepted'),
        ],
      },
    ],
  };
  assert.deepEqual(newTroubles(before, after, 'ours'), [
    { reason: 'InvalidCertificateRef', note: 'listener https: ResolvedRefs: there is no Secret a/b' },
  ]);
  assert.deepEqual(newTroubles(after, after, 'ours'), []);
});

test('what other controllers say of a route is theirs to tell', () => {
  const parents = ['ours', 'theirs'].map((controllerName) => ({
    controllerName,
    parentRef: { name: 'gateway', sectionName: 'http' },
    conditions: [condition('PartiallyInvalid', 'True', 'UnsupportedValue', 'rule 2 is left out')],
  }));
  assert.deepEqual(newTroubles(undefined, { parents }, 'ours'), [
    { reason: 'UnsupportedValue', note: 'gateway/http: PartiallyInvalid: rule 2 is left out' },
  ]);
});

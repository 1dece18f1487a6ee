import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Outcome } from '../observe/outcome.ts';
import { refKey } from '../observe/operator-write.ts';
import type { TrailRequest } from '../trail/request.ts';
import { compareRuns, type Run, type Verification } from './compare-runs.ts';

const USER = 'system:serviceaccount:operators:shop';

/** `VERB RESOURCE NAMESPACE/NAME [CODE]`; a code with `!` was denied. */
function requestOf(text: string, i: number): TrailRequest {
  const [verb = '', resource = '', where = '/', code = '201'] = text.split(' ');
  const [namespace = '', name = ''] = where.split('/');
  return {
    id: String(i),
    time: i,
    user: { name: text.startsWith('other') ? 'other' : USER, groups: [] },
    userAgent: '',
    verb: verb.replace('other:', ''),
    target: { group: '', version: 'v1', resource, subresource: '', namespace, name },
    code: Number.parseInt(code, 10),
    decision: code.endsWith('!') ? 'denied' : 'allowed',
    uri: '/',
  };
}

/** What it makes of the sample: a ConfigMap with this datum. */
function outcomeOf(datum: string): Outcome {
  const ref = { group: '', resource: 'configmaps', subresource: '', namespace: '‹namespace›', name: '‹name›' };
  return new Map([[refKey(ref), { ref, content: { data: { a: datum } } }]]);
}

function run(requests: readonly string[], datum = 'one', gaps: readonly string[] = []): Run {
  return { trail: requests.map(requestOf), base: outcomeOf(datum), coverage: { gaps } };
}

const first = run(['create configmaps audit-1a-2b/probe-1-q', 'create events audit-1a-2b/x', 'get secrets a/b 200']);

const CASES: readonly (readonly [name: string, second: Run, expected: Partial<Verification>])[] = [
  ['the same in other namespaces, by other names, is the same', run(['create configmaps audit-3c-4d/probe-9-q']), {}],
  [
    'what others do is not compared',
    run(['create configmaps audit-3c-4d/probe-9-q', 'other:create pods a/b', 'other:create pods a/c 403!']),
    {},
  ],
  [
    'what was refused is told, also of what is read',
    run(['create configmaps audit-3c-4d/probe-9-q', 'get secrets a/vault 403!', 'get secrets a/vault 403!']),
    { isSame: false, denied: ['get secrets a/vault'] },
  ],
  [
    'what is not written, and what is instead, is told',
    run(['create pods a/web-bcdfg', 'create configmaps audit-3c-4d/probe-9-q 409']),
    {
      isSame: false,
      differences: [
        'create configmaps ‹namespace›/‹name›: not written with the smallest roles',
        'create pods a/web-*: written with the smallest roles only',
      ],
    },
  ],
  [
    'what is written otherwise is told',
    run(['create configmaps audit-3c-4d/probe-9-q'], 'two'),
    { isSame: false, differences: ['configmaps ‹namespace›/‹name›: /data/a: written otherwise for the same resource'] },
  ],
  [
    'of a run that was cut short what it did not come to is no difference',
    run([], 'one', ['not done, since the time was over: a node comes']),
    { gaps: ['a run was cut short: only what it makes of the sample was compared'] },
  ],
];

describe('two runs are compared', () => {
  for (const [name, second, expected] of CASES)
    test(name, () => {
      const same: Verification = { isSame: true, denied: [], differences: [], compared: 1, gaps: [] };
      assert.deepEqual(compareRuns(first, second, USER), { ...same, ...expected });
    });
});

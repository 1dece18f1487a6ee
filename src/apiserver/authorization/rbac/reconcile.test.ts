import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import { reconciled } from './reconcile.ts';

const object = (fields: object, metadata: object = {}) =>
  ({ metadata: { name: 'x', ...metadata }, ...fields }) as KubeObject;
const pods = (...verbs: string[]) => ({ verbs, apiGroups: [''], resources: ['pods'] });
const marks = { labels: { a: 'b' }, annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' } };
const off = { ...marks, annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } };
const ref = (name: string) => ({ apiGroup: 'g', kind: 'ClusterRole', name });
const user = (name: string) => ({ kind: 'User', apiGroup: 'g', name });

const ROWS: readonly (readonly [string, KubeObject, KubeObject, KubeObject | 'recreate' | undefined])[] = [
  [
    'what lacks nothing stays',
    object({ rules: [pods('get')] }, marks),
    object({ rules: [pods('get')] }, marks),
    undefined,
  ],
  [
    'rules that are covered are not lacking, nor are those taken away that were added',
    object({ rules: [pods('*')] }, marks),
    object({ rules: [pods('get')] }, marks),
    undefined,
  ],
  [
    'rules that are lacking are added, taken apart',
    object({ rules: [pods('get')] }, marks),
    object({ rules: [pods('get', 'list', 'watch')] }, marks),
    object({ rules: [pods('get'), pods('list'), pods('watch')] }, marks),
  ],
  [
    'labels and annotations are added, and not changed',
    object({ rules: [] }, { labels: { a: 'mine', c: 'd' }, annotations: {} }),
    object({ rules: [] }, marks),
    object({ rules: [] }, { labels: { a: 'mine', c: 'd' }, annotations: marks.annotations }),
  ],
  ['who says so is not updated', object({ rules: [] }, off), object({ rules: [pods('get')] }, marks), undefined],
  [
    'an aggregation that is not expected goes',
    object({ rules: [], aggregationRule: { clusterRoleSelectors: [] } }, marks),
    object({ rules: [] }, marks),
    object({ rules: [] }, marks),
  ],
  [
    'selectors of an aggregation are added',
    object({ rules: null, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: '1' } }] } }, marks),
    object({ rules: null, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { b: '2' } }] } }, marks),
    object(
      {
        rules: null,
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: '1' } }, { matchLabels: { b: '2' } }] },
      },
      marks,
    ),
  ],
  [
    'subjects are added',
    object({ roleRef: ref('r'), subjects: [user('mine')] }, marks),
    object({ roleRef: ref('r'), subjects: [user('theirs')] }, marks),
    object({ roleRef: ref('r'), subjects: [user('mine'), user('theirs')] }, marks),
  ],
  [
    'a binding to another role is made anew',
    object({ roleRef: ref('mine'), subjects: [] }, marks),
    object({ roleRef: ref('r'), subjects: [] }, marks),
    'recreate',
  ],
];

describe('bootstrap roles and bindings at a start', () => {
  for (const [behaviour, live, expected, outcome] of ROWS)
    test(behaviour, () => assert.deepEqual(reconciled(live, expected), outcome));
});

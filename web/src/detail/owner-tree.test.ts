import assert from 'node:assert/strict';
import { afterEach, mock, test } from 'node:test';
import { kinds } from '../api/discovery.ts';
import type { Kind } from '../api/kinds.ts';
import { OwnerTree } from './owner-tree.ts';

/** Kinds that are read one object at a time. */
const kind = (group: string, name: string): Kind => ({
  ...{ group, version: 'v1', kind: name, resource: `${name.toLowerCase()}s`, namespaced: true, verbs: ['get'] },
  ...{ shortNames: [], categories: [], otherVersions: [] },
  path: `${group || 'core'}/v1/${name.toLowerCase()}s`,
  api: group === '' ? '/api/v1' : `/apis/${group}/v1`,
});
const POD = kind('', 'Pod');

interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What the server answers of the owner, by its address. */
type Answers = Readonly<Record<string, number | string>>;

const CASES: readonly (readonly [
  name: string,
  owner: Owner,
  answers: Answers,
  expected: 'gone' | 'read' | 'unknown',
])[] = [
  [
    'that is there is read',
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    { '/apis/apps/v1/namespaces/shop/deployments/web': 'web' },
    'read',
  ],
  ['that is not there is gone', { apiVersion: 'apps/v1', kind: 'Deployment' }, {}, 'gone'],
  [
    'that was made anew is gone',
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    { '/apis/apps/v1/namespaces/shop/deployments/web': 'another' },
    'gone',
  ],
  [
    'that may not be read may be there',
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    { '/apis/apps/v1/namespaces/shop/deployments/web': 403 },
    'unknown',
  ],
  [
    'of a kind that is called as one of another group is read in its own',
    { apiVersion: 'serving.test/v1', kind: 'Service' },
    { '/apis/serving.test/v1/namespaces/shop/services/web': 'web', '/api/v1/namespaces/shop/services/web': 'another' },
    'read',
  ],
];

afterEach(() => {
  kinds.value = undefined;
  mock.restoreAll();
});

for (const [name, owner, answers, expected] of CASES)
  test(`an owner ${name}`, async () => {
    kinds.value = [POD, kind('', 'Service'), kind('apps', 'Deployment'), kind('serving.test', 'Service')];
    const row = (uid: string, ownerReferences: readonly object[] = []): object => ({
      rows: [{ cells: [], object: { metadata: { name: 'web', namespace: 'shop', uid, ownerReferences } } }],
    });
    const asked: string[] = [];
    mock.method(globalThis, 'fetch', async (url: string) => {
      const path = url.replace(/^\/k8s|\?.*$/g, '');
      if (path === '/console/owned') return Response.json({ answers: [] });
      if (path.endsWith('/pods/web')) return Response.json(row('pod', [{ ...owner, name: 'web', uid: 'web' }]));
      asked.push(path);
      const answer = answers[path] ?? 404;
      return typeof answer === 'string' ? Response.json(row(answer)) : Response.json({}, { status: answer });
    });
    const tree = new OwnerTree({ metadata: { name: 'web', namespace: 'shop', uid: 'pod' } } as never, POD);
    const known = (): string => (tree.gone.has('web') ? 'gone' : tree.index.get('web') ? 'read' : 'unknown');
    const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
    while (asked.length === 0 || (expected !== 'unknown' && known() === 'unknown')) await turn();
    for (let turns = 0; turns < 20; turns++) await turn();
    assert.equal(known(), expected);
    tree.stop();
  });

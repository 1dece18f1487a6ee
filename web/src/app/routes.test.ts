import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchPath } from './routes.ts';

const LIST = '/r/:group/:version/:resource';
const LIST_IN = '/r/:group/:version/:resource/ns/:namespace';
const OBJECT = '/r/:group/:version/:resource/:name';
const OBJECT_IN = '/r/:group/:version/:resource/ns/:namespace/:name';

const CASES: readonly (readonly [string, string | undefined, Readonly<Record<string, string>>?])[] = [
  ['/r/core/v1/pods', LIST, { group: 'core', version: 'v1', resource: 'pods' }],
  ['/r/core/v1/pods/ns/default', LIST_IN, { group: 'core', version: 'v1', resource: 'pods', namespace: 'default' }],
  ['/r/core/v1/namespaces/ns', OBJECT, { group: 'core', version: 'v1', resource: 'namespaces', name: 'ns' }],
  [
    '/r/core/v1/pods/ns/ns/ns',
    OBJECT_IN,
    { group: 'core', version: 'v1', resource: 'pods', namespace: 'ns', name: 'ns' },
  ],
  ['/r/a/v1/b/x%2Fy/', OBJECT, { group: 'a', version: 'v1', resource: 'b', name: 'x/y' }],
  ['/r/a/v1/b/%zz', OBJECT, { group: 'a', version: 'v1', resource: 'b', name: '%zz' }],
  ['/r/core/v1', undefined],
];

test('a path is one view, whatever objects and namespaces are called', () => {
  for (const [pathname, path, params] of CASES) {
    const found = [LIST, LIST_IN, OBJECT, OBJECT_IN].filter((one) => matchPath(one, pathname));
    assert.deepEqual(found, path === undefined ? [] : [path], pathname);
    if (path) assert.deepEqual(matchPath(path, pathname), params);
  }
});

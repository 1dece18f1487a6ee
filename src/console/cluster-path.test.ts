import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkClusterPath, checkWatchPath } from './cluster-path.ts';

test('a path that goes through means the same to those who resolve it as to those who do not', () => {
  const part = fc.oneof(
    fc.constantFrom(
      '..',
      '.',
      '',
      '%2e',
      '%2E.',
      '%2f',
      'pods',
      'a%20b',
      'proxy',
      '%',
      '%5c..',
      '%252e',
      '..%00',
      '\\',
      '%5c',
      'a%5cb',
      'a%5c%2e.',
      '%0a.%09.',
      '..%20',
    ),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const path = `/${parts.join('/')}`;
      try {
        checkClusterPath(path);
      } catch {
        return;
      }
      const [bare = ''] = path.split('?', 1);
      assert.equal(new URL(path, 'http://cluster').pathname, bare);
      assert.equal(new URL(decodeURIComponent(bare), 'http://cluster').host, 'cluster');
      const decoded = decodeURIComponent(bare);
      assert.equal(decoded.split('/').length, bare.split('/').length);
      // also to who takes a backslash for a slash, and does not see a line break
      if (/[?#]/.test(decoded)) return;
      const resolved = new URL(decoded, 'http://cluster').pathname.split('/').length;
      assert.equal(resolved, decoded.replaceAll('\\', '/').split('/').length);
    }),
    { numRuns: 2000 },
  );
});

/** As roles may be called. */
const ODD_NAMES = [
  'a\\b',
  'system:node',
  'a b',
  ' ',
  'a?b=c&d#e',
  'a+b;c,d',
  'a\'b"c<d>',
  '...',
  'a..b',
  'a\nb',
  '日本',
  '🚀',
  'proxy',
  '[{}]|^`',
  'é\u0301',
];

test('paths of the API go through as they are', () => {
  for (const path of [
    '/api',
    '/apis/apps/v1/namespaces/default/deployments/web/scale',
    '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node',
    '/api/v1/pods?watch=1&fieldSelector=spec.nodeName%3D..%2Fa&labelSelector=a%20in%20(b,c)',
    '/openapi/v3/apis/apps/v1?hash=A',
    '/api/v1/namespaces/proxy/services/proxy/status',
    ...ODD_NAMES.map((name) => `/apis/rbac.authorization.k8s.io/v1/clusterroles/${encodeURIComponent(name)}`),
  ])
    assert.equal(checkClusterPath(path), path);
});

test('watches of collections go through as they are', () => {
  for (const path of [
    '/api/v1/pods?watch=1&resourceVersion=5',
    '/api/v1/namespaces?watch=true',
    '/api/v1/namespaces/default/pods?resourceVersion=5&watch=1',
    '/apis/apps/v1/deployments?watch=1',
    '/apis/apps/v1/namespaces/watch/deployments?watch=1&fieldSelector=metadata.name%3Dweb',
    '/apis/example.com/v1/namespaces/a/finalize?watch=1',
  ])
    assert.equal(checkWatchPath(path), path);
});

const NO_WATCHES = [
  ['a list', '/api/v1/pods', 'must have watch=1'],
  ['a list that calls itself so', '/api/v1/pods?watch=0', 'must have watch=1'],
  ['what may be a list to the one or the other', '/api/v1/pods?watch=0&watch=1', 'must have watch=1'],
  ['what is no kind', '/version?watch=1', 'is not that of a collection'],
  ['all of a group', '/apis/apps/v1?watch=1', 'is not that of a collection'],
  ['OpenAPI', '/openapi/v3/apis/apps/v1?watch=1', 'is not that of a collection'],
  ['metrics', '/metrics?watch=1', 'is not that of a collection'],
  ['one namespace', '/api/v1/namespaces/default?watch=1', 'is not that of a collection'],
  ['the status of a namespace', '/api/v1/namespaces/default/status?watch=1', 'is not that of a collection'],
  ['one object', '/api/v1/namespaces/default/pods/a?watch=1', 'is not that of a collection'],
  ['one object of the cluster', '/api/v1/nodes/a?watch=1', 'is not that of a collection'],
  ['a log', '/api/v1/namespaces/default/pods/a/log?follow=1&watch=1', 'is not that of a collection'],
  ['a shell', '/api/v1/namespaces/default/pods/a/exec?command=sh&watch=1', 'is not that of a collection'],
  ['the old form of a watch', '/api/v1/watch/pods?watch=1', 'is not that of a collection'],
  ['a proxy', '/api/v1/namespaces/default/services/a/proxy?watch=1', 'is of a proxy'],
  ['a proxy to who takes a backslash for a slash', '/api/v1/nodes/a%5Cproxy?watch=1', 'is of a proxy'],
  ['an object to who takes a backslash for a slash', '/api/v1/nodes%5Ca?watch=1', 'is not that of a collection'],
  ['a way upwards to who takes a backslash for a slash', '/api/v1/a%5C..%5Cb?watch=1', 'has . or .. as a part'],
  ['a way upwards to who does not see a line break', '/api/v1/.%0A./b?watch=1', 'has . or .. as a part'],
  ['a way upwards', '/api/../v1/pods?watch=1', 'has . or .. as a part'],
  ['a slash at the end', '/api/v1/pods/?watch=1', 'is not that of a collection'],
] as const;

for (const [what, path, why] of NO_WATCHES)
  test(`${what} is not watched`, () => {
    assert.throws(() => checkWatchPath(path), { message: new RegExp(why.replaceAll('.', '\\.')) });
  });

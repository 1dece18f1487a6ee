import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkClusterPath } from './cluster-path.ts';

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
      assert.equal(decodeURIComponent(bare).split('/').length, bare.split('/').length);
    }),
    { numRuns: 2000 },
  );
});

test('paths of the API go through as they are', () => {
  for (const path of [
    '/api',
    '/apis/apps/v1/namespaces/default/deployments/web/scale',
    '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node',
    '/api/v1/pods?watch=1&fieldSelector=spec.nodeName%3D..%2Fa&labelSelector=a%20in%20(b,c)',
    '/openapi/v3/apis/apps/v1?hash=A',
    '/api/v1/namespaces/proxy/services/proxy/status',
  ])
    assert.equal(checkClusterPath(path), path);
});

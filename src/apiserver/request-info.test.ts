import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseRequestInfo } from './request-info.ts';

/** A target and what is read from it: verb, group/version, namespace, resource, name, subresource, rest. */
const CASES: readonly (readonly [target: string, said: string])[] = [
  ['GET /api/v1/nodes', 'list /v1 resource=nodes'],
  ['GET /api/v1/nodes/', 'list /v1 resource=nodes'],
  ['HEAD /api/v1/nodes/a', 'head /v1 resource=nodes name=a'],
  ['GET /api/v1/namespaces/x/pods/p', 'get /v1 namespace=x resource=pods name=p'],
  ['GET /api/v1/namespaces/x/pods/p/log', 'get /v1 namespace=x resource=pods name=p subresource=log'],
  ['GET /api/v1/namespaces/x', 'get /v1 namespace=x resource=namespaces name=x'],
  ['PUT /api/v1/namespaces/x/finalize', 'update /v1 namespace=x resource=namespaces name=x subresource=finalize'],
  [
    'PATCH /apis/apps/v1/namespaces/x/deployments/d/scale',
    'patch apps/v1 namespace=x resource=deployments name=d subresource=scale',
  ],
  ['POST /apis/apps/v1/namespaces/x/deployments', 'create apps/v1 namespace=x resource=deployments'],
  ['DELETE /api/v1/namespaces/x/pods', 'deletecollection /v1 namespace=x resource=pods'],
  ['DELETE /api/v1/namespaces/x/pods/p', 'delete /v1 namespace=x resource=pods name=p'],
  ['GET /api/v1/pods?watch=true', 'watch /v1 resource=pods'],
  ['GET /api/v1/pods?watch=0', 'list /v1 resource=pods'],
  ['GET /api/v1/pods?watch=False', 'list /v1 resource=pods'],
  ['GET /api/v1/watch/pods', 'watch /v1 resource=pods'],
  ['GET /api/v1/watch/namespaces/x/pods/p', 'watch /v1 namespace=x resource=pods name=p'],
  // whatever the method is: it is authorized as a watch
  ['DELETE /api/v1/watch/namespaces/x/pods/p', 'watch /v1 namespace=x resource=pods name=p'],
  ['POST /api/v1/watch/namespaces/x/pods', 'watch /v1 namespace=x resource=pods'],
  ['HEAD /api/v1/watch/pods', 'watch /v1 resource=pods'],
  // over HTTP/2 a method may be any word
  ['constructor /api/v1/nodes', 'constructor /v1 resource=nodes'],
  ['GET /api/v1/nodes///', 'list /v1 resource=nodes'],
  [
    'GET /api/v1/namespaces/x/services/s/proxy/a/b',
    'get /v1 namespace=x resource=services name=s subresource=proxy rest=a/b',
  ],
  ['GET /api/v1/namespaces//pods', 'list /v1 resource=pods'],
  ['OPTIONS /api/v1/nodes', 'options /v1 resource=nodes'],
];

function say(target: string): string {
  const [method = '', url = ''] = target.split(' ');
  const [path = '', query] = url.split('?');
  const info = parseRequestInfo(method, path, new URLSearchParams(query));
  assert.equal(info.isResource, true);
  const { namespace, resource, name, subresource } = info;
  const parts = Object.entries({ namespace, resource, name, subresource, rest: info.rest.join('/') });
  const told = parts.filter(([, value]) => value !== '').map(([key, value]) => `${key}=${value}`);
  return [info.verb, `${info.group}/${info.version}`, ...told].join(' ');
}

describe('a request is read from its method and path', () => {
  for (const [target, said] of CASES) test(target, () => assert.equal(say(target), said));
});

describe('paths that name no resource keep the method as their verb', () => {
  for (const path of [
    '/',
    '/healthz',
    '/version',
    '/api',
    '/api/v1',
    '/apis',
    '/apis/apps',
    '/apis/apps/v1',
    '/other/v1/pods',
  ])
    test(path, () => {
      const { isResource, verb } = parseRequestInfo('GET', path, new URLSearchParams());
      assert.deepEqual({ isResource, verb }, { isResource: false, verb: 'get' });
    });
});

test('only methods that are known, and what is watched, have a verb that can be allowed', () => {
  const verbs = ['GET', 'HEAD', 'POST', 'BREW', 'constructor', 'toString'].map((method) => [
    parseRequestInfo(method, '/api/v1/pods', new URLSearchParams()).authorizedVerb,
    parseRequestInfo(method, '/api/v1/watch/pods', new URLSearchParams()).authorizedVerb,
  ]);
  assert.deepEqual(verbs, [
    ['list', 'watch'],
    ['list', 'watch'],
    ['create', 'watch'],
    ['', 'watch'],
    ['', 'watch'],
    ['', 'watch'],
  ]);
});

test('a path of nothing but slashes is read in linear time', () => {
  // a million of them: what goes back over them for each one would not end
  const path = `/api/v1/${'/'.repeat(1_000_000)}x`;
  assert.equal(parseRequestInfo('GET', path, new URLSearchParams()).isResource, true);
});

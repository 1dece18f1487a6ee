import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type RequestHead, routeFor, virtualHostFor } from '../../matching/index.ts';
import type { HttpMatch, HttpRoute, HttpRouting, VirtualHost } from '../../model/index.ts';
import type { RoutedRequest } from './routed-request.ts';
import { Router } from './router.ts';

const source = { kind: 'HTTPRoute', namespace: 'default', name: 'shop' };
const element = fc.constantFrom('', 'a', 'b', 'ab', 'A');
const path = fc.array(element, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
const prefix = path.map((value) => value.replace(/\/+$/, '') || '/');
const values = (name: string): fc.Arbitrary<HttpMatch['headers']> =>
  fc.array(
    fc.record({
      type: fc.constantFrom('Exact' as const, 'RegularExpression' as const),
      name: fc.constant(name),
      value: fc.constantFrom('1', '2', '1|2', '.*', '1,2'),
    }),
    { maxLength: 1 },
  );
const pathMatch = fc.oneof(
  fc.record({ type: fc.constant('Exact' as const), value: path }),
  fc.record({ type: fc.constant('PathPrefix' as const), value: prefix }),
  fc.record({ type: fc.constant('RegularExpression' as const), value: fc.constantFrom('/a.*', '/a|/b', '/.*b') }),
);
const match: fc.Arbitrary<HttpMatch> = fc.record(
  {
    path: pathMatch,
    headers: values('x-one'),
    queryParams: values('q'),
    method: fc.constantFrom('GET', 'POST'),
    grpc: fc.constant(true as const),
  },
  { requiredKeys: ['path', 'headers', 'queryParams'] },
);
const domain = fc.constantFrom('*', 'a.example', 'b.a.example', '*.example', '*.a.example', '*.b.a.example', 'example');
const routing: fc.Arbitrary<HttpRouting> = fc
  .tuple(fc.uniqueArray(domain, { minLength: 1, maxLength: 6 }), fc.array(fc.array(match, { maxLength: 12 })))
  .map(([domains, lists]) => ({
    name: 'r',
    virtualHosts: domains.map((one, host) => hostOf([one], lists[host] ?? [])),
  }));
const requests = fc.record({
  method: fc.constantFrom('GET', 'POST'),
  host: fc.constantFrom('a.example', 'b.a.example', 'c.b.a.example', 'example', '.example', 'x.example', 'other', ''),
  path,
  query: fc.constantFrom('', 'q=1', 'p=1&q=2', 'q', 'q=1&q=2'),
  headers: fc.dictionary(
    fc.constantFrom('x-one', 'content-type'),
    fc.array(fc.constantFrom('1', '2', 'application/grpc', 'application/grpc+proto'), { minLength: 1, maxLength: 2 }),
    { noNullPrototype: true },
  ),
});

function hostOf(domains: readonly string[], matches: readonly HttpMatch[]): VirtualHost {
  const routes = matches.map((one, i) => routeOf(`${domains.join()}/${i}`, one));
  return { name: domains.join(), domains, source, routes };
}

function routeOf(name: string, one: Partial<HttpMatch> & Pick<HttpMatch, 'path'>): HttpRoute {
  const action = { type: 'direct', statusCode: 200 } as const;
  return { name, source, action, match: { headers: [], queryParams: [], ...one } };
}

function request(parts: Partial<RoutedRequest>): RoutedRequest {
  return { method: 'GET', host: 'a.example', path: '/', query: '', headers: new Map(), ...parts };
}

test('a router agrees with the plain definition of what matches', () => {
  const property = fc.property(routing, fc.array(requests, { minLength: 1, maxLength: 8 }), (model, list) => {
    const router = new Router(model);
    for (const { headers, ...one } of list) {
      const head: RequestHead = { ...one, scheme: 'http', port: 80, headers: new Map(Object.entries(headers)) };
      const joined = new Map(Object.entries(headers).map(([name, all]) => [name, all.join(',')]));
      const host = virtualHostFor(model, head.host);
      const expected = host === undefined ? undefined : routeFor(host, head);
      assert.equal(router.route({ ...one, headers: joined })?.name, expected?.name);
    }
  });
  fc.assert(property, { numRuns: 500 });
});

test('a route whose expression is none is said, and the others are found', () => {
  const bad = routeOf('bad', { path: { type: 'RegularExpression', value: '[' } });
  const good = routeOf('good', { path: { type: 'PathPrefix', value: '/' } });
  const router = new Router({
    name: 'r',
    virtualHosts: [{ name: 'v', domains: ['*'], source, routes: [bad, good] }],
  });
  assert.deepEqual(
    router.bad.map(({ route }) => route.name),
    ['bad'],
  );
  assert.equal(router.route(request({ path: '/x' })), good);
});

test('a path of many slashes asks no more prefixes than the longest has', () => {
  const routes = [routeOf('deep', { path: { type: 'PathPrefix', value: '/a/b' } })];
  const router = new Router({ name: 'r', virtualHosts: [{ name: 'v', domains: ['*'], source, routes }] });
  assert.equal(router.route(request({ path: `/a/b${'/'.repeat(50_000)}` }))?.name, 'deep');
  assert.equal(router.route(request({ path: '/'.repeat(50_000) })), undefined);
});

test('what is the same in another routing is not compiled again', () => {
  const host = hostOf(['*'], [{ path: { type: 'RegularExpression', value: '[' }, headers: [], queryParams: [] }]);
  const first = new Router({ name: 'r', virtualHosts: [host] });
  const second = new Router({ name: 'r', virtualHosts: [host, hostOf(['a.example'], [])] });
  assert.equal(second.bad[0], first.bad[0]);
});

test('texts beyond ASCII are compared as the bytes that they are', () => {
  const match = { path: { type: 'PathPrefix' as const, value: '/' }, queryParams: [] };
  const exact = routeOf('exact', { ...match, headers: [{ type: 'Exact', name: 'x-one', value: 'é' }] });
  const like = routeOf('like', { ...match, headers: [{ type: 'RegularExpression', name: 'x-one', value: '.ü' }] });
  const routes = [exact, like];
  const router = new Router({ name: 'r', virtualHosts: [{ name: 'v', domains: ['*'], source, routes }] });
  const named = (value: string): string | undefined =>
    router.route(request({ headers: new Map([['x-one', Buffer.from(value).toString('latin1')]]) }))?.name;
  assert.deepEqual([named('é'), named('üü'), named('u')], ['exact', 'like', undefined]);
});

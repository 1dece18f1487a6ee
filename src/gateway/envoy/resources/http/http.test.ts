import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Forward, PathMatch, WeightedBackend } from '../../../model/index.ts';
import { fractionalPercent } from '../fractions.ts';
import { choicesOf } from './choices.ts';
import { pathRewrite } from './rewrite.ts';
import { routesOf } from './routes.ts';

const source = { kind: 'Service', namespace: 'default', name: 's' };

function forward(...backends: Partial<WeightedBackend>[]): Forward {
  return { type: 'forward', backends: backends.map((each) => ({ weight: 1, source, ...each })) };
}

test('one route is enough for weights, headers and hosts', () => {
  const filters = { requestHeaders: { set: [{ name: 'x', value: '1' }] }, rewrite: { hostname: 'h' } };
  const choices = choicesOf(forward({ backend: 'a', filters }, { backend: 'b' }, { backend: 'c', weight: 0 }));
  assert.deepEqual(
    choices.map(({ backends, upTo }) => [backends.map(({ backend }) => backend), upTo]),
    [[['a', 'b'], undefined]],
  );
});

test('a backend whose path is rewritten, or that is not there, gives each a route by growing fractions', () => {
  const filters = { rewrite: { path: { type: 'ReplaceFullPath', value: '/x' } } } as const;
  const choices = choicesOf(
    forward({ backend: 'a', weight: 1 }, { backend: 'b', weight: 1, filters }, { invalid: 'gone', weight: 1 }),
  );
  assert.deepEqual(
    choices.map(({ backends, upTo }) => [backends[0]?.backend, upTo]),
    [
      ['a', 333_333],
      ['b', 666_667],
      [undefined, undefined],
    ],
  );
});

test('a prefix is replaced by whole elements, whatever expression that takes', () => {
  const cases: [PathMatch['value'], string, string, string][] = [
    ['/a', '/x', '/a/b', '/x/b'],
    ['/a', '/', '/a/b', '/b'],
    ['/a', '/', '/a', '/'],
    ['/a', '', '/a/', '/'],
    ['/a.b', '/', '/a.b/c', '/c'],
    ['/a', '/x/', '/a/b', '/x/b'],
    ['/', '/x', '/b', '/x/b'],
    ['/', '/', '/b', '/b'],
  ];
  for (const [prefix, value, path, expected] of cases) {
    const rewrite = pathRewrite({ type: 'PathPrefix', value: prefix }, { type: 'ReplacePrefixMatch', value });
    const { prefix_rewrite: by, regex_rewrite: regex } = rewrite;
    const rewritten = regex
      ? path.replace(new RegExp(regex.pattern.regex), regex.substitution)
      : by === undefined
        ? path
        : by + path.slice(prefix.length);
    assert.equal(rewritten, expected, JSON.stringify([prefix, value, path]));
  }
});

test('a fraction has the smallest denominator that is exact', () => {
  const of = (numerator: number, denominator: number) =>
    Object.values(fractionalPercent({ numerator, denominator })).join('/');
  assert.deepEqual(
    [of(1, 2), of(1, 1000), of(1, 3), of(1, 50_000), of(5, 1), of(1, 0)],
    ['50/HUNDRED', '10/TEN_THOUSAND', '3333/TEN_THOUSAND', '20/MILLION', '100/HUNDRED', '0/HUNDRED'],
  );
});

test('preflights of a route that asks for a method have a route of their own', () => {
  const cors = { allowOrigins: ['*'], allowMethods: [], allowHeaders: [], exposeHeaders: [], maxAgeSeconds: 5 };
  const match = { path: { type: 'PathPrefix', value: '/' }, method: 'PUT', headers: [], queryParams: [] } as const;
  const routes = routesOf({ name: 'r', source, match, cors, action: forward({ backend: 'a' }) }, ['*']);
  assert.deepEqual(
    routes.map(({ name }) => name),
    ['r', 'r/preflight'],
  );
  assert.equal(
    routesOf({ name: 'r', source, match: { ...match, method: 'OPTIONS' }, cors, action: forward() }, ['*']).length,
    1,
  );
});

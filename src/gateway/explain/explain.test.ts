import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseYaml } from 'nekube/apimachinery';
import { requestHeadOf } from '../matching/index.ts';
import type { Backend, Endpoints, GatewayConfig, GatewayModel, HttpRoute } from '../model/index.ts';
import { locationOf, rewrittenPath } from './answer.ts';
import { explain } from './explain.ts';
import { printExplanation } from './print.ts';

interface Cases {
  readonly model: {
    readonly gateways: readonly GatewayConfig[];
    readonly backends: Readonly<Record<string, Backend>>;
    readonly endpoints: Readonly<Record<string, Endpoints>>;
  };
  readonly cases: readonly {
    readonly name: string;
    readonly url: string;
    readonly method?: string;
    readonly told: string;
  }[];
}

const file = new URL('../../../src/gateway/explain/testdata/shop.yaml', import.meta.url);
const data = parseYaml(readFileSync(file, 'utf8')) as unknown as Cases;
const model: GatewayModel = {
  gateways: data.model.gateways,
  backends: new Map(Object.entries(data.model.backends)),
  endpoints: new Map(Object.entries(data.model.endpoints)),
  secrets: new Map(),
};

for (const { name, url, told, ...options } of data.cases) {
  test(`it is told what becomes of ${name}`, () => {
    assert.equal(printExplanation(explain(model, requestHeadOf(url, options))), told);
  });
}

test('a gateway that is not there is told', () => {
  const told = explain(model, requestHeadOf('http://shop.example/'), 'default/none');
  assert.equal(told.unreachable, 'there is no gateway default/none');
});

const prefixes: readonly (readonly [string, string, string, string])[] = [
  ['/foo', '/foo/bar', '/xyz', '/xyz/bar'],
  ['/foo', '/foo/bar', '/xyz/', '/xyz/bar'],
  ['/foo', '/foo', '/xyz', '/xyz'],
  ['/foo', '/foo/', '/xyz', '/xyz/'],
  ['/foo', '/foo/bar', '/', '/bar'],
  ['/foo', '/foo', '/', '/'],
  ['/foo', '/foo/bar', '', '/bar'],
  ['/', '/bar', '/xyz', '/xyz/bar'],
  ['/', '/', '/xyz', '/xyz/'],
];
for (const [prefix, path, replaced, expected] of prefixes) {
  test(`${path} of prefix ${prefix} becomes ${expected} where ${JSON.stringify(replaced)} replaces it`, () => {
    const route = { match: { path: { type: 'PathPrefix', value: prefix } } } as HttpRoute;
    assert.equal(rewrittenPath({ type: 'ReplacePrefixMatch', value: replaced }, route, path), expected);
  });
}

const locations: readonly (readonly [string, Parameters<typeof locationOf>[0], string])[] = [
  ['without a port goes to the standard one', { type: 'redirect', statusCode: 302 }, 'http://a.example/p'],
  ['with a port', { type: 'redirect', statusCode: 302, port: 9000 }, 'http://a.example:9000/p'],
  [
    'to the standard port of its scheme does not tell it',
    { type: 'redirect', statusCode: 302, scheme: 'https', port: 443 },
    'https://a.example/p',
  ],
  [
    'to another scheme goes to the standard port of that',
    { type: 'redirect', statusCode: 302, scheme: 'https' },
    'https://a.example/p',
  ],
  ['to a host', { type: 'redirect', statusCode: 302, hostname: 'b.example', port: 80 }, 'http://b.example/p'],
];
for (const [name, redirect, expected] of locations) {
  test(`a redirect ${name}`, () => {
    const route = { match: { path: { type: 'PathPrefix', value: '/' } } } as HttpRoute;
    assert.equal(locationOf(redirect, route, requestHeadOf('http://a.example:8080/p')), expected);
  });
}

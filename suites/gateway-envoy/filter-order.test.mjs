// Both data planes have the filters of a route in the same order: of those that would refuse a request, the first does.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { EmbeddedDataPlane, PrivateText } from '../../dist/gateway/index.js';
import { ask, freePort, httpListener, modelOf, route, serve, skip, startEcho, startPlane } from './world.mjs';

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'RS256' }] });
const source = { kind: 'HTTPRoute', namespace: 'default', name: 'r' };

/** In their order: what has a filter refuse the request of this test, and how that is seen. */
const REFUSALS = [
  ['fault', { settings: { fault: { abort: { httpStatus: 418, percent: 100 } } } }, /^418/],
  [
    'cors',
    {
      cors: { allowOrigins: ['*'], allowMethods: ['GET'], allowHeaders: [], exposeHeaders: [], maxAgeSeconds: 5 },
    },
    /^200 $/,
  ],
  ['external authorization', { externalAuth: { backend: 'auth', protocol: 'HTTP', source } }, /^402/],
  [
    'API keys',
    { settings: { apiKeys: { keys: { me: new PrivateText('k') }, from: [{ header: 'x-key' }] } } },
    /^401 Client authentication failed/,
  ],
  [
    'basic authentication',
    { settings: { basicAuth: { users: new PrivateText('me:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=') } } },
    /^401 User authentication failed/,
  ],
  [
    'tokens',
    { settings: { jwt: { providers: [{ name: 'p', keys: { type: 'Local', jwks } }] } } },
    /^401 Jwt is missing/,
  ],
  ['the limit of bodies', { settings: { maxRequestBodyBytes: 10 } }, /^413/],
  ['authorization', { settings: { authorization: { rules: [], defaultAction: 'Deny' } } }, /^403 RBAC/],
  ['the local rate limit', { settings: { localRateLimits: [{ requests: 1, per: 'Hour' }] } }, /^429/],
  [
    'the global rate limit',
    { settings: { globalRateLimits: { backend: 'nobody', domain: 'd', limits: [{}], failClosed: true } } },
    /^500/,
  ],
];

/** A route for each: what it and all behind it refuse with. */
function routes() {
  return REFUSALS.map((_, first) => {
    const asked = REFUSALS.slice(first).map(([, parts]) => parts);
    const settings = Object.assign({}, ...asked.map((parts) => parts.settings));
    return route(`/${first}`, 'one', { ...Object.assign({}, ...asked), settings });
  });
}

const planes = {
  Envoy: { skip, start: startPlane },
  'the embedded data plane': {
    skip: false,
    start(t) {
      const plane = new EmbeddedDataPlane();
      t.after(() => plane.close());
      return { plane, lines: [] };
    },
  },
};

for (const [name, { skip, start }] of Object.entries(planes)) {
  test(`filters refuse in their order, by ${name}`, { skip, timeout: 180_000 }, async (t) => {
    const world = await start(t);
    const port = await freePort();
    const one = await startEcho(t, 'one');
    const auth = await startEcho(t, 'auth', (_request, response) => (response.writeHead(402).end('pay'), true));
    const backends = {
      one: { ports: [one.port] },
      auth: { ports: [auth.port] },
      nobody: { protocol: 'GRPC', ports: [1] },
    };
    await serve(world, modelOf({ listeners: [httpListener(port, routes())], backends }));
    const headers = { origin: 'https://a.example', 'access-control-request-method': 'GET' };
    for (const [at, [filter, , expected]] of REFUSALS.entries()) {
      const body = 'more than ten bytes';
      const request = { method: 'OPTIONS', headers: { ...headers, 'content-length': body.length }, body };
      // without a body for those behind the limit of bodies; the first may still be in the limit
      const allowed = filter.includes('rate') ? { method: 'OPTIONS', headers } : request;
      await ask(port, `/${at}`, allowed);
      const answer = await ask(port, `/${at}`, allowed);
      assert.match(`${answer.status} ${answer.body}`, expected, filter);
    }
  });
}

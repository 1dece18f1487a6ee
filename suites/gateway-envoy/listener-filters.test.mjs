// Filters of listeners on a real Envoy: services that are asked before a route is chosen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, freePort, httpListener, modelOf, route, serve, skip, startEcho, startPlane } from './world.mjs';

const SOURCE = { kind: 'Gateway', namespace: 'default', name: 'it', sectionName: 'http' };

/** A service of authorization; `answer` has the response. */
function startAuth(t, name, answer) {
  return startEcho(t, name, (request, response) => {
    answer(request, response);
    if (!response.writableEnded) response.end();
    return true;
  });
}

function auth(backend, more = {}) {
  return { backend, source: SOURCE, protocol: 'HTTP', ...more };
}

/** One listener of which `externalAuths` are asked. */
function askingModel(port, routes, externalAuths, backends) {
  const listener = httpListener(port, routes);
  const [host] = listener.chains[0].http.virtualHosts;
  host.externalAuths = externalAuths;
  return modelOf({ listeners: [listener], backends });
}

test('services are asked before a route is chosen', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t);
  const [red, rest] = [await startEcho(t, 'red'), await startEcho(t, 'rest')];
  const first = await startAuth(t, 'first', ({ headers }, response) => {
    if (headers.authorization === undefined) response.writeHead(401);
    else response.setHeader('x-team', 'blue').setHeader('x-first', '1').setHeader('host', 'x.example');
  });
  const second = await startAuth(t, 'second', ({ headers }, response) => {
    response.setHeader('x-team', headers['x-first'] === '1' ? 'red' : 'none');
  });
  const last = await startAuth(t, 'last', ({ headers }, response) => {
    if (headers['x-team'] !== 'red' || headers['x-banned'] === '1') response.writeHead(403);
  });
  const port = await freePort();
  const added = { allowedResponseHeaders: ['x-team', 'x-first', 'host'], allowedHeaders: ['x-first'] };
  const ofTeam = { headers: [{ type: 'Exact', name: 'x-team', value: 'red' }] };
  const routes = [
    route('/', 'red', {
      match: ofTeam,
      externalAuth: auth('last', { allowedHeaders: ['x-team', 'x-banned'] }),
    }),
    route('/rest', 'rest', { settings: { compression: ['Gzip'] } }),
  ];
  const backends = {
    red: { ports: [red.port] },
    rest: { ports: [rest.port] },
    first: { ports: [first.port] },
    second: { ports: [second.port] },
    last: { ports: [last.port] },
  };
  await serve(world, askingModel(port, routes, [auth('first', added), auth('second', added)], backends));
  const headers = { authorization: 'Bearer t' };

  await t.test('the route is chosen by what they add, in their order, and the host stays', async () => {
    const { json, status } = await ask(port, '/rest', { headers });
    assert.deepEqual([status, json?.name, json?.headers.host], [200, 'red', 'it.example']);
    assert.equal(json.headers['x-team'], 'red');
  });
  await t.test('what the final route asks for is done, though the first one did not', async () => {
    assert.equal((await ask(port, '/rest', { headers: { ...headers, 'x-banned': '1' } })).status, 403);
  });
  await t.test('who is refused is asked no more, also where there is no route', async () => {
    const before = second.seen.length;
    assert.equal((await ask(port, '/rest')).status, 401);
    assert.equal((await ask(port, '/nowhere')).status, 401);
    assert.equal(second.seen.length, before);
  });
  await t.test('without a route that fits then there is none', async () => {
    const model = askingModel(port, routes.slice(1), [auth('first', added), auth('second', added)], backends);
    await serve(world, model);
    assert.equal((await ask(port, '/nowhere', { headers })).status, 404);
    assert.equal((await ask(port, '/rest', { headers })).json.name, 'rest');
  });
});

test('what Envoy cannot hold behind such a listener is closed, and told', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t);
  const [a, consent] = [await startEcho(t, 'a'), await startAuth(t, 'consent', () => {})];
  const port = await freePort();
  const keys = { keys: {}, from: [{ header: 'x-key' }] };
  const routes = [route('/keys', 'a', { settings: { apiKeys: keys } }), route('/', 'a')];
  const model = askingModel(port, routes, [auth('consent')], {
    a: { ports: [a.port] },
    consent: { ports: [consent.port] },
  });
  await serve(world, model);
  assert.equal((await ask(port, '/keys')).status, 500);
  assert.equal((await ask(port, '/')).status, 200);
  assert.deepEqual(
    world.plane.unsupported(model).map(({ source, message }) => [source.name, message.split(' ')[0]]),
    [['/keys', 'apiKeys']],
  );
});

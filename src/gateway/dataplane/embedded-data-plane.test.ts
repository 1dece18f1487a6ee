import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeOf, routeTo } from './testing/models.ts';
import { ask, startBackend, startWorld } from './testing/world.ts';

test('a request goes to the backend of its route, and is told where it came from', async (t) => {
  const a = await startBackend(t, 'a');
  const b = await startBackend(t, 'b');
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { prefix: '/a' }), routeTo('b')],
    backends: [
      { name: 'a', ports: [a] },
      { name: 'b', ports: [b] },
    ],
  });
  const { status, echo } = await ask(port, '/a/x?y=1', { headers: { host: 'shop.example:81' } });
  assert.deepEqual([status, echo.server, echo.url, echo.method], [200, 'a', '/a/x?y=1', 'GET']);
  assert.equal(echo.headers.host, 'shop.example:81');
  assert.equal(echo.headers['x-forwarded-for'], '127.0.0.1');
  assert.equal(echo.headers['x-forwarded-proto'], 'http');
  assert.match(String(echo.headers['x-request-id']), /^[0-9a-f-]{36}$/);
  assert.equal((await ask(port, '/', { method: 'POST', body: 'hello' })).echo.body, 'hello');
});

test('what no route has is answered with 404, and what has no backend with 500', async (t) => {
  const { port } = await startWorld(t, {
    routes: [
      routeTo('none', { prefix: '/gone' }),
      routeOf({ prefix: '/direct' }, { type: 'direct', statusCode: 418, body: 'tea' }),
    ],
  });
  assert.equal((await ask(port, '/')).status, 404);
  assert.equal((await ask(port, '/gone')).status, 500);
  const { status, body } = await ask(port, '/direct');
  assert.deepEqual([status, body], [418, 'tea']);
});

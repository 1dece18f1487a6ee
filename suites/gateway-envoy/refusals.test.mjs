// What Envoy refuses stops nothing else, and is told where it comes from.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import {
  ask,
  eventually,
  endpointsOf,
  freePort,
  httpListener,
  modelOf,
  route,
  serve,
  skip,
  startEcho,
  startPlane,
} from './world.mjs';

test('what Envoy refuses', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t);
  const port = await freePort();
  const echo = await startEcho(t, 'one');
  const backends = { one: { ports: [echo.port] } };
  const expression = (path, value) => route(path, 'one', { match: { path: { type: 'RegularExpression', value } } });
  const model = (routes, more = []) => modelOf({ listeners: [httpListener(port, routes), ...more], backends });
  const state = () => world.plane.state().gateways.get('default/it');
  const refused = (count) =>
    eventually(() => {
      const { programmed, refusals } = state();
      return programmed && refusals.length === count && refusals;
    });

  await t.test('is a route, and the others are served, also those that come with it', async () => {
    await serve(world, model([route('/old', 'one')]));
    const bad = [expression('/bad', '/bad('), expression('/worse', '/[worse')];
    const large = expression('/large', '/large/(a{1,30}){1,30}');
    const headers = { set: [{ name: 'x-bad', value: '1\n2' }] };
    const error = route('/error', 'one', { requestHeaders: headers });
    const routes = [
      route('/old', 'one'),
      large,
      ...bad,
      error,
      ...Array.from({ length: 20 }, (_, i) => route(`/new${i}`, 'one')),
      route('/', { type: 'direct', statusCode: 200 }),
    ];
    world.plane.update(model(routes));
    await eventually(async () => (await ask(port, '/new7')).json?.name === 'one');
    const refusals = await refused(3);
    assert.deepEqual(refusals.map(({ source }) => source.name).sort(), ['/bad', '/error', '/worse']);
    assert.match(refusals.find(({ source }) => source.name === '/bad').message, /missing \)/);
    assert.equal((await ask(port, '/old')).json.name, 'one');
    assert.equal((await ask(port, '/large/aa')).json.name, 'one');
    assert.equal((await ask(port, '/error')).status, 500);
    assert.equal((await ask(port, '/bad(')).status, 200);
    await serve(world, model([route('/old', 'one')]));
    assert.deepEqual(state().refusals, []);
  });

  await t.test('is a port that is taken, until it is free, and the other listeners go on', async (t2) => {
    // one that no other program is given when this one lets it go
    const taken = await freePort();
    const server = createServer().listen(taken, '127.0.0.1');
    await once(server, 'listening');
    t2.after(() => server.listening && server.close());
    world.plane.update(model([route('/new', 'one')], [httpListener(taken, [route('/', 'one')])]));
    const [refusal] = await refused(1);
    assert.match(
      refusal.message,
      new RegExp(`^Cannot listen on 127.0.0.1:${taken}: another program has that port: stop it`),
    );
    assert.equal(refusal.source.sectionName, 'http');
    await eventually(async () => (await ask(port, '/new')).status === 200);
    // endpoints that come meanwhile are not those of the model that is sent again
    world.plane.updateEndpoints([endpointsOf('one', [(await startEcho(t2, 'moved')).port])]);
    await eventually(async () => (await ask(port, '/new')).json.name === 'moved');
    server.close();
    await refused(0);
    await eventually(async () => (await ask(taken, '/')).json.name === 'moved');
    assert.equal((await ask(port, '/new')).json.name, 'moved');
    await serve(world, model([route('/newer', 'one')], [httpListener(taken, [route('/', 'one')])]));
  });

  await t.test('is a certificate that is none, and the other chains go on', async () => {
    const secret = 'secret/default/bad';
    const { PrivateText } = await import('../../dist/gateway/index.js');
    const listener = httpListener(await freePort(), [route('/', 'one')]);
    const chains = [{ ...listener.chains[0], tls: { certificates: [secret] } }];
    const base = model([route('/other', 'one')], [{ ...listener, chains }]);
    const secrets = new Map([
      [
        secret,
        { kind: 'certificate', name: secret, chain: 'no certificate', privateKey: new PrivateText('a private key') },
      ],
    ]);
    world.plane.update({ ...base, secrets });
    const [refusal] = await refused(1);
    assert.equal(refusal.source.kind, 'Gateway');
    assert.ok(!JSON.stringify(refusal).includes('a private key'));
    const log = readFileSync(`${world.folder}/envoy.log`, 'utf8');
    assert.ok(!`${world.lines.join('\n')}${log}`.includes('a private key'));
    await eventually(async () => (await ask(port, '/other')).status === 200);
  });
});

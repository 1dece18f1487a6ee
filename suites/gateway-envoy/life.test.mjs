// Nobody loses a request on a real Envoy: while endpoints, routes and certificates change, and while processes do.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { newAuthority } from './authority.mjs';
import {
  ask,
  endpointsOf,
  eventually,
  freePort,
  httpListener,
  modelOf,
  route,
  serve,
  skip,
  startEcho,
  startPlane,
} from './world.mjs';

/** Asks all the time, by some connections that are kept and some that are not, until the promise is settled. */
async function underLoad(asking, during, least = 1000) {
  const agents = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true }), false];
  const failures = [];
  let asked = 0;
  let isOver = false;
  const client = async (agent) => {
    while (!isOver) {
      asked++;
      try {
        const { status } = await asking(agent);
        if (status !== 200) failures.push(status);
      } catch (error) {
        failures.push(error.code ?? error.message);
      }
    }
  };
  const clients = agents.map(client);
  try {
    await during(() => asked);
    await eventually(() => asked > least);
  } finally {
    isOver = true;
    await Promise.all(clients);
    for (const agent of agents) if (agent) agent.destroy();
  }
  assert.deepEqual(failures, [], `${failures.length} of ${asked} failed`);
  assert.ok(asked > least);
  return asked;
}

/** What processes of an Envoy share, by the number that they have. */
function sharedMemory(folder) {
  return `/dev/shm/envoy_shared_memory_${Number(readFileSync(`${folder}/base-id`, 'utf8')) * 10}`;
}

test('no request is lost', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t);
  const port = await freePort();
  const echoes = await Promise.all(['a', 'b', 'c', 'd'].map((name) => startEcho(t, name)));
  for (const { server } of echoes) server.keepAliveTimeout = 0;
  const ports = echoes.map((echo) => echo.port);
  const model = (routes, backends = { one: { ports } }) =>
    modelOf({ listeners: [httpListener(port, routes)], backends });
  const plain = (agent) => ask(port, '/', { agent });

  await t.test('while endpoints change a hundred times a second', async () => {
    await serve(world, model([route('/', 'one')]));
    await underLoad(plain, async (count) => {
      for (let i = 0; i < 200; i++) {
        const some = ports.filter((_, index) => (i + index) % ports.length < 2);
        world.plane.updateEndpoints([endpointsOf('one', some, i % 3 === 0 ? [ports[0]] : [])]);
        await sleep(10);
      }
      const before = count();
      await eventually(() => count() > before + 10);
    });
    assert.ok(world.plane.state().gateways.get('default/it').refusals.length === 0);
  });

  await t.test('while routes are replaced', async () => {
    await serve(world, model([route('/', 'one')]));
    await underLoad(plain, async () => {
      for (let i = 0; i < 20; i++) {
        const backend = `b${i}`;
        await serve(
          world,
          model([route('/', backend, { responseHeaders: { set: [{ name: 'x-i', value: `${i}` }] } })], {
            [backend]: { ports },
          }),
        );
        assert.equal(await eventually(async () => (await ask(port, '/')).headers['x-i'] === `${i}`), true);
      }
    });
  });

  await t.test('while a listener is changed', async () => {
    const changed = (bytes) => ({
      ...model([route('/', 'one')]),
      gateways: [
        {
          ...model([]).gateways[0],
          listeners: [httpListener(port, [route('/', 'one')], { settings: { maxRequestHeadersBytes: bytes } })],
        },
      ],
    });
    await serve(world, changed(32_768));
    await underLoad(plain, async () => {
      for (let i = 0; i < 5; i++) await serve(world, changed(65_536 + i * 1024));
    });
  });

  await t.test('while Envoy is replaced by another process', async () => {
    await serve(world, model([route('/', 'one')]));
    const { pid } = world.plane.process;
    await underLoad(plain, async (count) => {
      await world.plane.process.restart();
      const before = count();
      await eventually(() => count() > before + 20);
    });
    assert.notEqual(world.plane.process.pid, pid);
    assert.equal(world.plane.process.epoch, 1);
    await serve(world, model([route('/', 'one', { responseHeaders: { set: [{ name: 'x-new', value: '1' }] } })]));
    await eventually(async () => (await ask(port, '/')).headers['x-new'] === '1');
  });
});

test('a certificate is replaced, and no request is lost', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t);
  const port = await freePort();
  const authority = newAuthority('authority');
  const echo = await startEcho(t, 'a');
  const model = () => {
    const { cert, key } = authority.issue('it.example', ['it.example']);
    const listener = httpListener(port, [route('/', 'one')]);
    const chains = [{ ...listener.chains[0], tls: { certificates: ['secret/default/it'] } }];
    const secrets = {
      'secret/default/it': { kind: 'certificate', name: 'secret/default/it', chain: cert, privateKey: key },
    };
    return {
      cert,
      model: modelOf({ listeners: [{ ...listener, chains }], backends: { one: { ports: [echo.port] } }, secrets }),
    };
  };
  const asking = () =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, servername: 'it.example', ca: authority.cert, agent: false };
      const asked = httpsRequest(options, (response) => {
        const { raw } = response.socket.getPeerCertificate();
        response.resume().on('end', () => resolve({ status: response.statusCode, raw }));
      });
      asked.on('error', reject).end();
    });
  await serve(world, model().model);
  const replacing = async () => {
    for (let i = 0; i < 5; i++) {
      const { cert, model: next } = model();
      await serve(world, next);
      const wanted = cert.replaceAll(/-----[^-]+-----|\n/g, '');
      await eventually(async () => (await asking()).raw.toString('base64') === wanted);
    }
  };
  // each is a handshake of TLS, of which a busy machine does not make a thousand in its time
  await underLoad(asking, replacing, 200);
});

test('our process is killed: Envoy goes on, and the next takes it over', { skip, timeout: 180_000 }, async (t) => {
  const port = await freePort();
  const echo = await startEcho(t, 'a');
  const main = fileURLToPath(new URL('plane-main.mjs', import.meta.url));
  const world = await startPlane(t);
  await world.plane.close();
  const child = spawn(process.execPath, [main, world.folder, String(port), String(echo.port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const plain = (agent) => ask(port, '/', { agent });
  const model = (value) =>
    modelOf({
      listeners: [httpListener(port, [route('/', 'one', { responseHeaders: { set: [{ name: 'x-by', value }] } })])],
      backends: { one: { ports: [echo.port] } },
    });
  await underLoad(plain, async (count) => {
    assert.equal((await ask(port, '/')).headers['x-by'], 'child');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const before = count();
    await eventually(() => count() > before + 20);
    world.plane = await world.start();
    assert.match(world.lines.at(-1), /taken over/);
    await serve(world, model('next'));
    await eventually(async () => (await ask(port, '/')).headers['x-by'] === 'next');
  });
});

test('a request that is lost is noticed', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t);
  const port = await freePort();
  const [good, bad] = [await startEcho(t, 'good'), await freePort()];
  const routes = [route('/', 'one')];
  const serving = (ports) =>
    serve(world, modelOf({ listeners: [httpListener(port, routes)], backends: { one: { ports } } }));
  await serving([good.port]);
  const plain = (agent) => ask(port, '/', { agent });
  // so many were asked before, perhaps, and Envoy's threads have what it has accepted a moment later
  const losing = async (count) => {
    await serving([bad]);
    await eventually(async () => (await plain(false)).status !== 200);
    const before = count();
    await eventually(() => count() > before + 20);
  };
  await assert.rejects(underLoad(plain, losing, 300), /failed/);
});

test('Envoy is killed: it is started again, and has what it had', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t);
  const port = await freePort();
  const echo = await startEcho(t, 'a');
  await serve(
    world,
    modelOf({ listeners: [httpListener(port, [route('/', 'one')])], backends: { one: { ports: [echo.port] } } }),
  );
  const { pid } = world.plane.process;
  const shared = sharedMemory(world.folder);
  assert.ok(existsSync(shared));
  process.kill(pid, 'SIGKILL');
  await eventually(() => world.plane.process.pid !== undefined && world.plane.process.pid !== pid);
  await eventually(async () => (await ask(port, '/')).status === 200);
  assert.ok(!existsSync(shared), `${shared} is left`);
  assert.ok(
    world.lines.some((line) => line.includes('Envoy has ended: killed by SIGKILL')),
    world.lines.join('\n'),
  );
});

test('nothing is left when it is closed, and what is under way is waited for', {
  skip,
  timeout: 180_000,
}, async (t) => {
  const world = await startPlane(t);
  const port = await freePort();
  let finish;
  const echo = await startEcho(t, 'a', ({ url }, response) => url === '/slow' && (finish = () => response.end('done')));
  await serve(
    world,
    modelOf({ listeners: [httpListener(port, [route('/', 'one')])], backends: { one: { ports: [echo.port] } } }),
  );
  const { pid } = world.plane.process;
  const shared = sharedMemory(world.folder);
  const asked = ask(port, '/slow');
  await eventually(() => finish);
  const closed = world.plane.close({ drainMs: 10_000 });
  await eventually(() =>
    ask(port, '/').then(
      () => false,
      (error) => error.code === 'ECONNREFUSED',
    ),
  );
  finish();
  assert.equal((await asked).body, 'done');
  await closed;
  assert.throws(() => process.kill(pid, 0));
  assert.ok(!existsSync(shared), `${shared} is left`);
  assert.throws(() => readFileSync(`${world.folder}/process.json`));
});

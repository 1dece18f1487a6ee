// How `nekube gateway run` begins, goes on and ends, with each data plane: its end waits for what is under way, Envoy may be left
// and is found again, two that run do not fight, and what it counts can be read.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from 'nekube/client';
import { start } from 'nekube/envtest';
import { installGatewayApi } from 'nekube/gateway';
import { makeTemporaryFolder, removeTemporaryFolder } from '../../dist/files/index.js';
import { realEnvoy } from '../../tools/envoy.mjs';
import {
  addressOf,
  ask,
  backend,
  freePort,
  gateway,
  key,
  metadata,
  routeTo,
  runGateway,
  startBackend,
} from './running.mjs';

const { envoy, skip } = realEnvoy();
const timeout = 180_000;
const ADDRESSES = ['--addresses', '127.0.2.0/24'];
let env;
let gateways = 0;

before(async () => {
  env = await start({ level: 'envtest', name: 'operating gateways' });
  await installGatewayApi(env.client, { channel: 'experimental', clock: systemClock });
});
after(() => env?.stop());

/** A Gateway with a route to a backend of the test, which goes with it: `{name, port}`. */
async function serve(t, answer) {
  const name = `it-${++gateways}`;
  const port = await freePort();
  const objects = [backend(name, await startBackend(t, answer)), routeTo(name, name), gateway(name, port)];
  for (const object of objects) await env.client.create(object);
  t.after(async () => {
    for (const object of objects) await env.client.delete(object, key(name));
  });
  return { name, port };
}

/** The flags of an Envoy in a folder of the test. */
function envoyFlags(t) {
  const folder = makeTemporaryFolder('nekube-operating');
  t.after(() => removeTemporaryFolder(folder));
  return { folder, flags: ['--data-plane', 'envoy', '--envoy', envoy, '--envoy-folder', folder, ...ADDRESSES] };
}

/** Answers `/slow` when it is told to, and all else at once. */
function slowBackend() {
  const slow = { answer: undefined };
  const answer = ({ url }, response) => {
    if (url === '/slow') slow.answer = () => response.end('slow');
    else response.end('here');
  };
  return { slow, answer };
}

const refused = (host, port) =>
  ask(host, port).then(
    () => false,
    ({ code }) => code === 'ECONNREFUSED' || code === 'ECONNRESET',
  );

for (const plane of ['embedded', 'envoy']) {
  const flagsOf = (t) => (plane === 'envoy' ? envoyFlags(t).flags : ADDRESSES);
  const options = { timeout, skip: plane === 'envoy' && skip };

  test(`${plane}: who ends it waits for what is under way, and it ends with 0`, options, async (t) => {
    const { slow, answer } = slowBackend();
    const { name, port } = await serve(t, answer);
    const running = runGateway(t, env, ...flagsOf(t), '--drain-time', '60s');
    await running.ready;
    const host = await addressOf(env, name);
    const asked = ask(host, port, '/slow');
    await env.eventually(() => assert.ok(slow.answer));
    running.child.kill('SIGTERM');
    await env.eventually(async () => assert.ok(await refused(host, port)), { timeoutMs: 30_000 });
    // longer than commands usually have to end
    await sleep(1500);
    slow.answer();
    assert.equal((await asked).body, 'slow');
    assert.deepEqual(await running.ended, { code: 0, signal: null });
  });

  test(`${plane}: what takes longer than the drain time is cut off`, options, async (t) => {
    const { slow, answer } = slowBackend();
    const { name, port } = await serve(t, answer);
    const running = runGateway(t, env, ...flagsOf(t), '--drain-time', '200ms');
    await running.ready;
    const asked = ask(await addressOf(env, name), port, '/slow');
    await env.eventually(() => assert.ok(slow.answer));
    running.child.kill('SIGTERM');
    await assert.rejects(asked, { code: 'ECONNRESET' });
    assert.deepEqual(await running.ended, { code: 0, signal: null });
  });

  test(`${plane}: a second signal ends it at once, and leaves nothing`, options, async (t) => {
    const { slow, answer } = slowBackend();
    const { name, port } = await serve(t, answer);
    const running = runGateway(t, env, ...flagsOf(t), '--drain-time', '1h');
    await running.ready;
    const host = await addressOf(env, name);
    const asked = ask(host, port, '/slow').catch(({ code }) => code);
    await env.eventually(() => assert.ok(slow.answer));
    running.child.kill('SIGTERM');
    await env.eventually(async () => assert.ok(await refused(host, port)), { timeoutMs: 30_000 });
    running.child.kill('SIGTERM');
    assert.deepEqual(await running.ended, { code: 130, signal: null });
    assert.equal(await asked, 'ECONNRESET');
  });

  const sharedFlagsOf = (t) => [...flagsOf(t), '--addresses', 'host'];

  test(`${plane}: who asks for a port of another Gateway is told so, and has it when that goes`, options, async (t) => {
    const { name, port } = await serve(t);
    const running = runGateway(t, env, ...sharedFlagsOf(t));
    await running.ready;
    await addressOf(env, name);
    // comes before the other by its name, and later
    const late = `a-newcomer-${++gateways}`;
    await create(t, gateway(late, port));
    await told(late, new RegExp(`Gateway default/${name} already listens at`));
    assert.equal((await ask('127.0.0.1', port)).status, 200);
    await env.client.patch(metadata('Gateway', name), key(name), { merge: gateway(name, await freePort()) });
    await toldNothing(late, /already listens/);
    await env.eventually(async () => assert.equal((await ask('127.0.0.1', port)).status, 404), { timeoutMs: 60_000 });
  });

  test(
    `${plane}: a port that another program has is told of its Gateway alone, until it is free`,
    options,
    async (t) => {
      const { name, port } = await serve(t);
      const running = runGateway(t, env, ...sharedFlagsOf(t));
      await running.ready;
      await addressOf(env, name);
      // one that no other program is given when this one lets it go
      const taken = await freePort();
      const program = createServer().listen(taken);
      await once(program, 'listening');
      t.after(() => program.close());
      const late = `a-newcomer-${++gateways}`;
      await create(t, gateway(late, taken));
      await told(late, new RegExp(`Cannot listen on \\S+:${taken}: another program has that port`));
      await told(name, /the data plane serves it/);
      assert.equal((await ask('127.0.0.1', port)).status, 200);
      program.close();
      await toldNothing(late, /Cannot listen/);
      await env.eventually(async () => assert.equal((await ask('127.0.0.1', taken)).status, 404), {
        timeoutMs: 60_000,
      });
    },
  );
}

/** Makes an object that goes with the test. */
async function create(t, object) {
  await env.client.create(object);
  t.after(() => env.client.delete(object, key(object.metadata.name)));
}

/** What the listeners of a Gateway are told. */
async function saidOf(name) {
  const { status } = await env.client.get(metadata('Gateway', name), key(name));
  return JSON.stringify(status?.listeners ?? []);
}

function told(name, words) {
  return env.eventually(async () => assert.match(await saidOf(name), words), { timeoutMs: 60_000 });
}

function toldNothing(name, words) {
  return env.eventually(
    async () => {
      const said = await saidOf(name);
      assert.match(said, /"Programmed"/);
      assert.doesNotMatch(said, words);
    },
    { timeoutMs: 60_000 },
  );
}

/** Asks without a pause until it is told to stop; none may fail. */
async function underLoad(ask, act) {
  const load = { over: false, count: 0, failures: [] };
  const worker = async () => {
    while (!load.over) {
      try {
        const { status } = await ask();
        if (status !== 200) load.failures.push(status);
      } catch (error) {
        load.failures.push(error.message);
      }
      load.count++;
    }
  };
  const workers = Array.from({ length: 4 }, worker);
  const more = async () => {
    const { count } = load;
    await env.eventually(() => assert.ok(load.count > count + 20), { timeoutMs: 30_000 });
  };
  try {
    await act(more);
  } finally {
    load.over = true;
    await Promise.all(workers);
  }
  assert.deepEqual(load.failures, []);
}

const pidIn = (log) => Number(/Envoy (?:started|taken over) \(process (\d+)/.exec(log)?.[1]);

for (const [how, signal, args] of [
  ['is left with --leave-envoy', 'SIGTERM', ['--leave-envoy']],
  ['is there after kill -9', 'SIGKILL', []],
]) {
  test(`Envoy ${how}: it serves on, and the next takes it over without a gap`, { timeout, skip }, async (t) => {
    const { name, port } = await serve(t);
    const { flags, folder } = envoyFlags(t);
    const first = runGateway(t, env, ...flags, ...args);
    await first.ready;
    const host = await addressOf(env, name);
    let second;
    await underLoad(
      () => ask(host, port),
      async (more) => {
        await more();
        first.child.kill(signal);
        assert.equal((await first.ended).code, signal === 'SIGTERM' ? 0 : null);
        await more();
        second = runGateway(t, env, ...flags);
        await second.ready;
        await env.client.patch(metadata('HTTPRoute', name), key(name), { merge: routeTo(name, name, marked) });
        await env.eventually(async () => assert.equal((await ask(host, port)).headers['x-marked'], 'yes'), {
          timeoutMs: 30_000,
        });
        await more();
      },
    );
    assert.match(second.log(), /Envoy taken over/);
    assert.equal(pidIn(second.log()), pidIn(first.log()));
    for (const socket of ['xds.sock', 'admin.sock']) assert.equal(statSync(`${folder}/${socket}`).mode & 0o777, 0o600);
    second.child.kill('SIGTERM');
    assert.equal((await second.ended).code, 0);
    assert.throws(() => process.kill(pidIn(first.log()), 0));
  });
}

const marked = {
  filters: [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: 'x-marked', value: 'yes' }] } }],
};

test('what it counts is told on loopback', { timeout, skip }, async (t) => {
  const { name } = await serve(t);
  const opsPort = await freePort();
  const running = runGateway(t, env, ...envoyFlags(t).flags, '--metrics-address', `127.0.0.1:${opsPort}`);
  await running.ready;
  await addressOf(env, name);
  await env.eventually(async () => assert.equal((await ask('127.0.0.1', opsPort, '/readyz')).status, 200));
  const { body } = await ask('127.0.0.1', opsPort, '/metrics');
  const valueOf = (series) =>
    Number(
      body
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')[1],
    );
  assert.ok(valueOf('nekube_gateway_translation_duration_seconds_count') > 0, body);
  assert.ok(valueOf('nekube_gateway_status_writes_total{resource="gateways"}') > 0, body);
  assert.ok(valueOf('nekube_xds_acks_total{type="listener"}') > 0, body);
  assert.ok(valueOf('nekube_xds_resources_sent_total{type="cluster"}') > 0, body);
  assert.equal(valueOf('nekube_xds_connected_nodes'), 1);
  assert.equal(valueOf('nekube_gateway_gateways{programmed="true"}'), 1);
  assert.match(body, /^controller_runtime_reconcile_errors_total\{controller="gateway-status"\} /m);
});

test('of two that run one writes statuses, and the other when that is gone', { timeout }, async (t) => {
  const { name } = await serve(t);
  const elect = ['--leader-elect', 'default'];
  const first = runGateway(t, env, '--addresses', '127.0.2.0/24', ...elect);
  await first.ready;
  const address = await addressOf(env, name);
  const second = runGateway(t, env, '--addresses', '127.0.3.0/24', ...elect);
  await second.ready;
  const version = async () => (await env.client.get(metadata('Gateway', name), key(name))).metadata.resourceVersion;
  const before = await version();
  await sleep(500);
  assert.equal(await version(), before);
  assert.match(address, /^127\.0\.2\./);
  first.child.kill('SIGTERM');
  assert.equal((await first.ended).code, 0);
  await env.eventually(async () => assert.match(await addressOf(env, name), /^127\.0\.3\./), { timeoutMs: 60_000 });
});

// `nekube up --gateway` as a program, as the README has it: one command, one file, one request.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeTemporaryFolder, removeTemporaryFolder } from '../../dist/files/index.js';
import { realEnvoy } from '../../tools/envoy.mjs';
import { kubernetesClients } from '../../tools/kubectl.mjs';
import { Story } from '../clients/story.mjs';
import { ask, endNow, freePort } from './running.mjs';

const program = fileURLToPath(new URL('../../dist/bin/nekube.js', import.meta.url));
const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const { kubectl, skip } = kubernetesClients();
const { envoy, skip: noEnvoy } = realEnvoy();
const NODES = [
  '--controllers',
  'all',
  '--nodes',
  '1',
  '--images',
  join(examples, 'images.yaml'),
  '--network',
  'virtual',
];
const timeout = 180_000;

/** Starts it in a folder of its own: `{child, dir, log(), ended}`, when it is ready. */
async function up(t, ...args) {
  const dir = makeTemporaryFolder('nekube-up-gateway');
  const flags = ['up', '--listen', '127.0.0.1:0', '--storage', 'memory', ...args];
  const PATH = [...(envoy ? [dirname(envoy)] : []), process.env.PATH].join(delimiter);
  const child = spawn(process.execPath, [program, ...flags], {
    ...{ cwd: dir, env: { ...process.env, PATH } },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  let log = '';
  t.after(async () => {
    await endNow(child, ended, () => log);
    removeTemporaryFolder(dir);
  });
  await new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      log += text;
      if (/^nekube: ready /m.test(log)) resolve();
    });
    ended.then(({ code }) => reject(new Error(`it has ended with ${code}\n${log}`)));
  });
  return { child, dir, ended, log: () => log };
}

for (const [plane, name] of [
  ['embedded', 'Embedded'],
  ['envoy', 'Envoy'],
]) {
  const options = { timeout, skip: skip ?? (plane === 'envoy' && noEnvoy) };
  test(`${plane}: a cluster with gateways is one command, and pods are reached through one`, options, async (t) => {
    const running = await up(t, `--gateway=${plane}`, ...NODES);
    assert.match(running.log(), new RegExp(`nekube: gateway ready \\(${name}\\) in \\d+ ms\nnekube: ready`));
    const story = new Story({ cwd: running.dir, env: { KUBECONFIG: join(running.dir, '.nekube/kubeconfig') } });
    const { stdout } = await story.run([kubectl, 'get', 'gatewayclasses', '-o', 'name']);
    assert.equal(stdout, 'gatewayclass.gateway.networking.k8s.io/nekube\n');
    // others may have the port of the example
    const port = await freePort();
    const stdin = readFileSync(join(examples, 'gateway.yaml'), 'utf8').replace(
      /^ {4}port: 8080$/m,
      `    port: ${port}`,
    );
    await story.run([kubectl, 'apply', '-f', '-'], { stdin });
    await story.run([kubectl, 'wait', '--for=condition=Programmed', 'gateway/web', '--timeout=60s']);
    const path = '{.status.addresses[0].value}';
    const { stdout: host } = await story.run([kubectl, 'get', 'gateway', 'web', '-o', `jsonpath=${path}`]);
    let answer = await ask(host, port, '/hello');
    // its pods come up
    for (let tries = 0; answer.status !== 200 && tries < 600; tries++) {
      await sleep(100);
      answer = await ask(host, port, '/hello');
    }
    assert.match(answer.body, /^hello from hello-/);
    assert.equal(answer.headers['x-served-by'], 'nekube');
    assert.equal((await ask(host, port)).status, 404);
    running.child.kill('SIGTERM');
    assert.deepEqual(await running.ended, { code: 0, signal: null });
    await assert.rejects(ask(host, port));
  });
}

test('without an Envoy it says so, and ends', { timeout }, async (t) => {
  const dir = makeTemporaryFolder('nekube-up-gateway');
  t.after(() => removeTemporaryFolder(dir));
  const flags = ['up', '--listen', '127.0.0.1:0', '--storage', 'memory', '--gateway=envoy'];
  const child = spawn(process.execPath, [program, ...flags], { cwd: dir, env: { PATH: dir, HOME: dir } });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (log += text));
  const [code] = await once(child, 'close');
  assert.equal(code, 2);
  assert.match(log, /^error: .*Envoy/m);
});

// `nekube up` with nodes, as a process of its own: what becomes of pods' processes when it ends, however it does.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from 'nekube/client';
import { carrying, linuxOnly, running, whyNoNamespaces } from './processes.mjs';
import { conditionOf, createPod, eventually, POD, untilPod } from './cluster.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const IMAGES = 'images: [{name: sh, entrypoint: [sh]}]';
const isReady = (pod) => conditionOf(pod, 'Ready')?.status === 'True';

/** Starts it in a folder, and waits until it is ready. */
async function up(t, dir) {
  writeFileSync(join(dir, 'images.yaml'), IMAGES);
  const flags = ['--listen', '127.0.0.1:0', '--storage', 'lmdb:data', '--controllers', 'replicaset-controller'];
  const nodes = ['--nodes', '1', '--images', 'images.yaml', '--network', 'virtual'];
  const child = spawn(process.execPath, [MAIN, 'up', ...flags, ...nodes], { cwd: dir });
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)));
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  await new Promise((resolve, reject) => {
    void ended.then(() => reject(new Error(`it ended: ${said}`)));
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
      if (/^nekube: ready/m.test(said)) resolve();
    });
  });
  assert.match(said, /^nekube: 1 node; addresses of pods: virtual/m);
  const client = await connect({ kubeconfig: join(dir, '.nekube/kubeconfig'), env: {} });
  return {
    client,
    async end(signal) {
      await client.close();
      child.kill(signal);
      return ended;
    },
  };
}

/** Sleeps in its first process, in a child of its group, and in one with a session of its own. */
const SLEEPS = 'sleep 1000 & setsid sleep 1000 & exec sleep 1000';

/** Makes a pod whose three processes can be told by a mark. */
async function sleeper(client, mark, more = {}) {
  const [name, value] = mark.split('=');
  const pod = await createPod(
    client,
    { args: ['-c', SLEEPS], env: [{ name, value }] },
    { spec: { nodeName: 'node-1', ...more } },
  );
  await untilPod(client, pod, isReady);
  await eventually(() => carrying(mark).length === 3, 'three processes run');
  return pod;
}

for (const signal of ['SIGTERM', 'SIGKILL'])
  test(`nor does one with neither environment nor session, upon ${signal}`, { skip: whyNoNamespaces() }, async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'nekube-up-'));
    t.after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
    // told from all others by its seconds
    const seconds = `1000.${process.pid}${signal.length}`;
    const server = await up(t, dir);
    await account(server.client);
    const args = ['-c', `env -i "$(command -v setsid)" sleep ${seconds} & exec sleep 1000`];
    const spec = { nodeName: 'node-1', automountServiceAccountToken: false };
    await createPod(server.client, { args }, { spec });
    await eventually(() => running('sleep', seconds).length === 1, 'it runs');
    await server.end(signal);
    await eventually(() => running('sleep', seconds).length === 0, 'nobody is left');
  });

/** Pods need a service account. */
async function account(client) {
  const object = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'default', name: 'default' } };
  await client.create(object).catch((error) => assert.equal(error.status.reason, 'AlreadyExists'));
}

for (const signal of ['SIGTERM', 'SIGKILL'])
  test(`no process of a pod outlives nekube that is ended by ${signal}`, linuxOnly, async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'nekube-up-'));
    t.after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
    const mark = `MARK_${signal}=${process.pid}`;
    const server = await up(t, dir);
    await account(server.client);
    await sleeper(server.client, mark, { automountServiceAccountToken: false });
    await server.end(signal);
    await eventually(() => carrying(mark).length === 0, 'nobody is left');
  });

test('after a kill pods run again with the next start: the same, each once', linuxOnly, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-up-'));
  t.after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  const mark = `MARK_AGAIN=${process.pid}`;
  const first = await up(t, dir);
  await account(first.client);
  const pod = await sleeper(first.client, mark, { automountServiceAccountToken: false });
  await first.end('SIGKILL');
  const second = await up(t, dir);
  const again = await untilPod(
    second.client,
    pod,
    (now) => isReady(now) && now.status.containerStatuses[0].restartCount === 1,
  );
  assert.equal(again.metadata.uid, pod.metadata.uid);
  assert.equal(again.status.containerStatuses[0].lastState.terminated.reason, 'Unknown');
  await eventually(() => carrying(mark).length === 3, 'three processes run');
  const { items } = await second.client.list(POD, { namespace: 'default' });
  assert.equal(items.length, 1);
  await second.client.delete(POD, pod.metadata);
  await untilPod(second.client, pod, (now) => now === undefined, 'gone');
  await eventually(() => carrying(mark).length === 0, 'nobody is left');
  assert.equal(await second.end('SIGTERM'), 0);
});

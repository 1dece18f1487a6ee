// The console as a command: beside a server, and for a cluster by its kubeconfig.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { request } from 'node:https';
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../tools/free-ports.mjs';
import { startNekube } from '../servers.mjs';
import { ask, signIn } from './browser.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const LINK = /^nekube: console (\S+)$/gm;

/** Starts a command; `links(n)` waits for so many. */
function run(args) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'inherit', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const exited = once(child, 'exit').then(([code]) => code);
  const links = async (count) => {
    for (;;) {
      const found = [...stderr.matchAll(LINK)].map((match) => match[1]);
      if (found.length >= count) return found;
      if (child.exitCode !== null) throw new Error(stderr);
      await sleep(10);
    }
  };
  const stop = () => (child.kill('SIGTERM'), exited);
  return { child, exited, links, stop, stderr: () => stderr };
}

const linksOf = (server, count) =>
  server.until(() => {
    const found = [...server.stderr().matchAll(LINK)].map((match) => match[1]);
    return found.length >= count && found;
  });

describe('nekube up --console', () => {
  test('prints a link when the server is ready, another for a signal, and ends with the server', async () => {
    const server = await startNekube({ args: ['--console', '127.0.0.1:0'] });
    const [link] = await linksOf(server, 1);
    const browser = await signIn(link);
    const watches = await browser.watches();
    watches.watch('/api/v1/namespaces?watch=1');
    assert.deepEqual((await browser.fetch('/console/session')).json().user.username, 'admin');
    process.kill(server.pid, 'SIGUSR2');
    const [, another] = await linksOf(server, 2);
    await signIn(another);
    assert.equal(await server.stop(), 0);
    assert.equal(await watches.closed, 1001);
  });

  test('has TLS on an address that others reach, with the certificate of the server', async () => {
    const server = await startNekube({ args: ['--console', '0.0.0.0:0'] });
    const [link] = await linksOf(server, 1);
    assert.match(link, /^https:\/\/localhost:/);
    const answer = await new Promise((resolve, reject) => {
      request(link, { ca: server.ca }, resolve).on('error', reject).end();
    });
    assert.equal(answer.statusCode, 200);
    assert.match(answer.headers['set-cookie'][0], /; Secure$/);
    answer.resume();
    assert.equal(await server.stop(), 0);
  });

  test('says that an address is in use, and ends', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address();
    const flags = ['--storage', 'memory', '--listen', '127.0.0.1:0', '--kubeconfig', '/dev/null/none'];
    const wrong = run(['up', ...flags, '--console', 'nowhere']);
    assert.equal(await wrong.exited, 2);
    const server = startNekube({ args: ['--console', `127.0.0.1:${port}`] });
    const started = await server;
    assert.equal(await started.exited, 2);
    assert.match(started.stderr(), /Cannot serve the console on 127\.0\.0\.1:\d+: the address is in use/);
    await started.stop();
    taken.close();
  });
});

describe('nekube console', () => {
  let server;
  before(async () => {
    server = await startNekube();
  });
  after(async () => {
    await server?.stop();
  });

  test('serves a cluster as somebody else, who may do less', async () => {
    const flags = ['--kubeconfig', server.kubeconfig, '--listen', '127.0.0.1:0'];
    const served = run(['console', ...flags, '--as', 'victor', '--as-group', 'viewers']);
    const [link] = await served.links(1);
    const browser = await signIn(link);
    const { user } = (await browser.fetch('/console/session')).json();
    assert.deepEqual(user, { username: 'victor', groups: ['viewers', 'system:authenticated'] });
    const refused = await browser.fetch('/k8s/api/v1/secrets');
    assert.match(refused.json().message, /User "victor" cannot list resource "secrets"/);
    assert.equal(await served.stop(), 0);
  });

  test('says that the cluster is away, and goes on when it is back', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'nekube-console-'));
    // it comes back where it was, and nobody may take that place meanwhile
    const listen = ['--listen', `127.0.0.1:${await freePort()}`];
    const other = await startNekube({ storage: 'lmdb', dir, args: listen });
    const served = run(['console', '--kubeconfig', other.kubeconfig, '--listen', '127.0.0.1:0']);
    const [link] = await served.links(1);
    const browser = await signIn(link);
    const watches = await browser.watches();
    const id = watches.watch('/api/v1/namespaces?watch=1');
    await watches.until(() => watches.eventsOf(id).length > 0);
    await other.stop('SIGKILL');
    await watches.until(() => watches.endOf(id));
    const again = watches.watch('/api/v1/namespaces?watch=1');
    assert.equal((await watches.until(() => watches.endOf(again))).code, 503);
    const away = await browser.fetch('/k8s/api/v1/namespaces');
    assert.equal(`${away.code} ${away.json().reason}`, '503 ServiceUnavailable');
    assert.equal((await browser.fetch('/console/history')).code, 503);
    assert.equal((await browser.fetch('/console/session')).code, 200);
    const unused = (await browser.fetch('/console/link', { method: 'POST' })).json().url;
    assert.equal((await ask(unused)).code, 503);
    const back = await startNekube({ storage: 'lmdb', dir, args: listen });
    assert.equal((await ask(unused)).code, 200);
    assert.equal((await browser.fetch('/k8s/api/v1/namespaces')).code, 200);
    const third = watches.watch('/api/v1/namespaces?watch=1');
    await watches.until(() => watches.eventsOf(third).length > 0);
    assert.equal(await served.stop(), 0);
    await back.stop();
    rmSync(dir, { recursive: true });
  });

  test('says at its start that the cluster is away, and serves all the same', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'nekube-console-'));
    const other = await startNekube({ dir, args: ['--listen', `127.0.0.1:${await freePort()}`] });
    await other.stop();
    const served = run(['console', '--kubeconfig', other.kubeconfig, '--listen', '127.0.0.1:0']);
    await served.links(1);
    while (!/^warning: the cluster does not answer yet: .*ECONNREFUSED/m.test(served.stderr())) {
      assert.equal(served.child.exitCode, null);
      await sleep(10);
    }
    assert.equal(await served.stop(), 0);
    rmSync(dir, { recursive: true });
  });

  const wrong = [
    [['--listen', '0.0.0.0:0'], /it is not the loopback address, and there is no TLS/],
    [['--as-group', 'g'], /--as-group and --as-uid are about a user/],
    [['--tls-cert-file', 'x'], /--tls-cert-file is given without --tls-key-file/],
    [['--context', 'none'], /has no context "none"/],
  ];
  for (const [flags, said] of wrong)
    test(`refuses ${flags.join(' ')}`, async () => {
      const refused = run(['console', '--kubeconfig', server.kubeconfig, ...flags]);
      assert.equal(await refused.exited, 2);
      assert.match(refused.stderr(), said);
    });
});

// How operators that are programs are run: in which time, and in which network.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { processOperator } from 'nekube/audit';
import { start } from 'nekube/envtest';
import { Shop } from './operators.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const user = { name: 'operator', groups: ['system:masters'] };

describe('an operator that is a program', () => {
  let env;
  before(async () => (env = await start({ level: 'envtest', objects: [here('config/shops.yaml')] })));
  after(() => env?.stop());

  /** Starts one, with a shop to work on, and gives where that is. */
  async function startOne(name, options = {}) {
    const args = [here('main.mjs'), name];
    const operator = processOperator({ user, command: process.execPath, args, ...options });
    const running = await operator.start(env.kubeconfig(user));
    const namespace = await env.namespace(name);
    await env.client.create({ ...Shop, metadata: { namespace, name: 'shop' }, spec: { colour: 'red' } });
    return { running, namespace };
  }

  test('of Node does what is due when its time is advanced', async () => {
    const { running, namespace } = await startOne('later');
    try {
      const isOld = async () => {
        const sign = await env.client.get({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace, name: 'shop' });
        return sign.data.old;
      };
      await env.eventually(async () => assert.equal(await isOld(), 'false'), { timeoutMs: 60_000 });
      // its timer is set after its answer came, of which nothing tells
      await env.eventually(
        async () => {
          await running.advance(15 * 60_000);
          assert.equal(await isOld(), 'true');
        },
        { timeoutMs: 60_000, intervalMs: 100 },
      );
    } finally {
      await running.stop();
    }
  });

  for (const network of ['isolated', 'open']) {
    test(`takes those with it that it started, in the network ${network}`, {
      skip: process.platform !== 'linux',
    }, async () => {
      let printed = '';
      const onOutput = (text) => (printed += text);
      // in a session of its own, and with its outputs
      const args = ['-c', 'setsid sleep 600 & echo $! is there; wait'];
      const operator = processOperator({ user, command: 'sh', args, network, onOutput });
      const running = await operator.start(env.kubeconfig(user));
      await env.eventually(() => assert.match(printed, /is there/), { timeoutMs: 60_000 });
      await running.stop();
      const pid = Number.parseInt(printed, 10);
      await env.eventually(() => assert.ok(hasEnded(pid)), { timeoutMs: 60_000 });
    });
  }

  for (const network of ['isolated', 'open']) {
    test(`ends with an audit that is killed, in the network ${network}, and a later one removes what is left of it`, {
      skip: process.platform !== 'linux',
    }, async () => {
      const dir = mkdtempSync(join(tmpdir(), 'nekube-killed-'));
      // with temporary folders of their own: any audit that runs beside would remove what one has left that is gone
      const own = { ...process.env, TMPDIR: dir };
      const told = join(dir, 'pid');
      const flags = ['--manifests', here('config'), '--network', network, '--progress', 'none'];
      const args = [
        here('../../dist/cli/main.js'),
        'audit',
        'run',
        ...flags,
        '--',
        'sh',
        '-c',
        `echo $$ > ${told}; exec sleep 600`,
      ];
      const audit = spawn(process.execPath, args, { stdio: 'ignore', env: own });
      try {
        const pidOf = () => Number.parseInt(readFileSync(told, 'utf8'), 10);
        await env.eventually(() => assert.ok(pidOf() > 0), { timeoutMs: 60_000 });
        audit.kill('SIGKILL');
        await env.eventually(() => assert.ok(hasEnded(pidOf())), { timeoutMs: 60_000 });
        const left = () =>
          readdirSync(dir).filter((name) => name.includes(`-${audit.pid}-`) && /clock|operator/.test(name));
        assert.equal(left().length, 2);
        const later = join(dir, 'later.mjs');
        writeFileSync(
          later,
          `import { processOperator } from ${JSON.stringify(import.meta.resolve('nekube/audit'))};
          const operator = processOperator({ user: { name: 'a' }, command: 'true', args: [], network: 'open' });
          await (await operator.start('')).stop();`,
        );
        await promisify(execFile)(process.execPath, [later], { env: own });
        assert.deepEqual(left(), []);
      } finally {
        audit.kill('SIGKILL');
        rmSync(dir, { recursive: true });
      }
    });
  }

  test('ends with an audit that is killed as soon as it is there', { skip: process.platform !== 'linux' }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'nekube-killed-'));
    const told = join(dir, 'pid');
    const audit = join(dir, 'audit.mjs');
    // it is the operator itself who kills, before the audit can do anything more
    const script = `echo $$ > ${told}; kill -9 $PPID; exec sleep 600`;
    writeFileSync(
      audit,
      `import { processOperator } from ${JSON.stringify(import.meta.resolve('nekube/audit'))};
      const args = ['-c', ${JSON.stringify(script)}];
      await processOperator({ user: { name: 'a' }, command: 'sh', args, network: 'open' }).start('');`,
    );
    try {
      const run = promisify(execFile)(process.execPath, [audit], { env: { ...process.env, TMPDIR: dir } });
      await assert.rejects(run, { signal: 'SIGKILL' });
      const pidOf = () => Number.parseInt(readFileSync(told, 'utf8'), 10);
      await env.eventually(() => assert.ok(pidOf() > 0), { timeoutMs: 60_000 });
      await env.eventually(() => assert.ok(hasEnded(pidOf())), { timeoutMs: 60_000 });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test('is told whom it asks for what is outside', async (t) => {
    const { running } = await startOne('caller', { env: { QUOTES: 'https://quotes.example/today' } });
    try {
      if (running.network !== 'isolated') return t.skip('no namespaces can be made here');
      await env.eventually(() => assert.deepEqual(running.egress, ['quotes.example:443']), { timeoutMs: 60_000 });
    } finally {
      await running.stop();
    }
  });
});

describe('whom a program sends packets', () => {
  /** Sends UDP without a connection, as those do that tell how much they did, and then does nothing. */
  const TELLER = `
    const send = (kind, port, to) => {
      const socket = require('node:dgram').createSocket(kind);
      socket.on('error', () => {}).send('shops:1|c', port, to, () => socket.close());
    };
    send('udp4', 8125, '203.0.113.9');
    send('udp4', 8126, 'metrics.example');
    send('udp6', 8127, '2001:db8::9');
    setTimeout(() => {}, 600_000);`;

  test('is known though it has no connection, by name or address', async (t) => {
    const env = await start({ level: 'envtest' });
    const operator = processOperator({ user, command: process.execPath, args: ['-e', TELLER] });
    const running = await operator.start(env.kubeconfig(user));
    try {
      if (running.network !== 'isolated') return t.skip('no namespaces can be made here');
      const expected = ['203.0.113.9:8125', '[2001:db8:0:0:0:0:0:9]:8127', 'metrics.example:8126'];
      await env.eventually(() => assert.deepEqual(running.egress, expected), { timeoutMs: 60_000 });
      assert.equal(running.isWatched, true);
    } finally {
      await running.stop();
      await env.stop();
    }
  });
});

describe('UDP without a connection in the network of the machine', { skip: process.platform !== 'linux' }, () => {
  /** A socket that is bound, and sends to nobody. */
  const bound = (address) => `
    require('node:dgram').createSocket('udp4').bind(0, '${address}', () => console.log('is bound'));
    setTimeout(() => {}, 600_000);`;

  for (const [address, expected] of [
    ['0.0.0.0', true],
    ['127.0.0.1', false],
  ])
    test(`is told to be possible, or not: bound to ${address}`, async () => {
      const env = await start({ level: 'envtest' });
      let printed = '';
      const operator = processOperator({
        user,
        command: process.execPath,
        args: ['-e', bound(address)],
        network: 'open',
        onOutput: (text) => (printed += text),
      });
      const running = await operator.start(env.kubeconfig(user));
      try {
        await env.eventually(() => assert.match(printed, /is bound/), { timeoutMs: 60_000 });
        // at which it is looked from now on
        if (expected) await env.eventually(() => assert.equal(running.hasOpenUdp, true), { timeoutMs: 60_000 });
        else await env.consistently(() => assert.equal(running.hasOpenUdp, false), { timeoutMs: 300 });
        assert.deepEqual(running.egress, []);
      } finally {
        await running.stop();
        await env.stop();
      }
    });
});

/** Whether a process is not there any more, or only waits for somebody to be told. */
function hasEnded(pid) {
  try {
    return /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

// The real kubectl's logs, exec, attach, cp, port-forward and proxies, over both of its transports, against a node that
// takes WebSockets itself and one for which the API server translates them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { kubernetesClients } from '../../tools/kubectl.mjs';
import { startWorld } from './world.mjs';

const { kubectl, skip } = kubernetesClients();

/** Runs kubectl to its end, or until `until` is in what it said on stdout; then `seen` is called with the child. */
function run(world, args, { input, env = {}, until, seen } = {}) {
  const child = spawn(kubectl, ['--kubeconfig', world.kubeconfig, ...args], {
    env: { PATH: process.env.PATH, HOME: world.dir, ...env },
  });
  const said = { stdout: '', stderr: '' };
  let isSeen = false;
  for (const name of ['stdout', 'stderr'])
    child[name].setEncoding('utf8').on('data', (text) => {
      said[name] += text;
      if (until !== undefined && !isSeen && said.stdout.includes(until)) {
        isSeen = true;
        seen(child, said);
      }
    });
  // one that hangs must not keep the others from being told
  const late = setTimeout(() => child.kill('SIGKILL'), 60_000).unref();
  child.once('close', () => clearTimeout(late));
  if (input !== undefined) child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...said })));
}

const transports = [
  ['WebSockets', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'true', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'true' }],
  ['SPDY', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' }],
];
const nodes = [
  ['a node that takes WebSockets', true],
  ['a node that takes SPDY alone', false],
];

for (const [nodeName, takesWebSockets] of nodes)
  describe(nodeName, { skip }, () => {
    let world;
    let web;
    before(async () => {
      world = await startWorld({ takesWebSockets });
      await world.host.add('p', { c: 'echo one; echo two; echo three; sleep 1000' });
      await world.host.said('p', 'c', 'three');
      await world.host.add('cat', { c: 'cat' });
      await world.host.add('two', { a: 'echo a; sleep 1000', b: undefined });
      web = createServer((request, response) => {
        if (request.url === '/away') response.writeHead(302, { location: '/there' });
        response.end(`${request.method} ${request.url} ${request.headers['x-forwarded-uri']}`);
      });
      web.listen(0, '127.0.0.1');
      await once(web, 'listening');
    });
    after(async () => {
      web.close();
      web.closeAllConnections();
      await world.stop();
    });

    for (const [name, env] of transports) {
      test(`exec brings output, input and exit codes over ${name}`, async () => {
        assert.deepEqual(await run(world, ['exec', 'p', '--', 'sh', '-c', 'echo $CONTAINER; echo err >&2'], { env }), {
          code: 0,
          stdout: 'c\n',
          stderr: 'err\n',
        });
        const failed = await run(world, ['exec', 'p', '--', 'sh', '-c', 'exit 7'], { env });
        assert.equal(failed.code, 7);
        assert.match(failed.stderr, /command terminated with exit code 7/);
        const input = 'x'.repeat(1_000_000);
        const echoed = await run(world, ['exec', '-i', 'p', '--', 'cat'], { env, input });
        assert.equal(echoed.code, 0, echoed.stderr);
        assert.equal(echoed.stdout.length, input.length);
      });

      test(`exec of what cannot be run says so over ${name}`, async () => {
        const { code, stderr } = await run(world, ['exec', 'p', '--', 'no-such-program'], { env });
        assert.notEqual(code, 0);
        assert.match(stderr, /error executing command in container/);
      });

      test(`cp brings files there and back over ${name}`, async () => {
        const [from, to, back] = ['from', 'to', 'back'].map((file) => join(world.dir, `${file}-${name}`));
        writeFileSync(from, 'text '.repeat(50_000));
        const there = await run(world, ['cp', from, `p:${to}`], { env });
        assert.equal(there.code, 0, there.stderr);
        assert.equal(readFileSync(to, 'utf8'), readFileSync(from, 'utf8'));
        const again = await run(world, ['cp', `p:${to}`, back], { env });
        assert.equal(again.code, 0, again.stderr);
        assert.equal(readFileSync(back, 'utf8'), readFileSync(from, 'utf8'));
      });

      test(`attach shows what is said from then on over ${name}`, async () => {
        const attached = await run(world, ['attach', '-i', 'cat'], { env, ...saying(world, 'hello') });
        assert.match(attached.stdout, /hello/);
      });

      test(`port-forward carries several connections at once over ${name}`, async () => {
        const { port } = web.address();
        let answers;
        const done = await run(world, ['port-forward', 'p', `:${port}`], {
          env,
          until: 'Forwarding from 127.0.0.1',
          seen: async (child, said) => {
            const local = Number(/127\.0\.0\.1:(\d+)/.exec(said.stdout)[1]);
            answers = await Promise.all(
              ['/1', '/2', '/3'].map(async (path) => (await fetch(`http://127.0.0.1:${local}${path}`)).text()),
            );
            child.kill('SIGINT');
          },
        });
        assert.deepEqual(answers, ['GET /1 undefined', 'GET /2 undefined', 'GET /3 undefined'], done.stderr);
      });

      test(`port-forward to a port where nobody listens says so over ${name}`, async () => {
        const done = await run(world, ['port-forward', 'p', ':1'], {
          env,
          until: 'Forwarding from 127.0.0.1',
          seen: (child, said) => {
            const local = Number(/127\.0\.0\.1:(\d+)/.exec(said.stdout)[1]);
            const socket = connect(local, '127.0.0.1');
            socket.on('error', () => {});
            socket.once('close', () => child.kill('SIGINT'));
          },
        });
        assert.match(done.stderr, /dial tcp 127\.0\.0\.1:1: connect: connection refused/);
      });

      test(`a terminal has a size, which may change, over ${name}`, {
        skip: !existsSync('/usr/bin/script'),
      }, async () => {
        const command = `stty cols 91 rows 17; ${kubectl} --kubeconfig ${world.kubeconfig} exec -it p -- sh -c "tty; until stty size | grep '17 91'; do sleep 0.05; done"`;
        const child = spawn('script', ['-qec', command, '/dev/null'], {
          env: { PATH: process.env.PATH, HOME: world.dir, TERM: 'xterm', ...env },
        });
        let shown = '';
        child.stdout.setEncoding('utf8').on('data', (text) => (shown += text));
        await once(child, 'close');
        assert.match(shown, /\/dev\/pts\/\d+/);
        assert.match(shown, /17 91/);
      });
    }

    test('logs are those of the container, as they are asked for', async () => {
      const logs = async (...args) => (await run(world, ['logs', ...args])).stdout;
      assert.equal(await logs('p'), 'one\ntwo\nthree\n');
      assert.equal(await logs('p', '--tail=1'), 'three\n');
      assert.equal(await logs('p', '--tail=0'), '');
      assert.equal(await logs('p', '--limit-bytes=5'), 'one\nt');
      assert.match(await logs('p', '--timestamps', '--tail=1'), /^\d{4}-\d\d-\d\dT\S+ three\n$/);
      assert.equal(await logs('p', '--since=1h'), 'one\ntwo\nthree\n');
    });

    test('logs that are followed go on', async () => {
      const { stdout } = await run(world, ['logs', '-f', 'p'], {
        until: 'three',
        seen: (child) => child.kill('SIGINT'),
      });
      assert.equal(stdout, 'one\ntwo\nthree\n');
    });

    test('what has no log says why', async () => {
      const problem = async (...args) => (await run(world, ['logs', ...args])).stderr;
      assert.equal(
        await problem('two', '-c', 'b'),
        'Error from server (BadRequest): container "b" in pod "two" is waiting to start: ContainerCreating\n',
      );
      assert.equal(
        await problem('p', '--previous'),
        'Error from server (BadRequest): previous terminated container "c" in pod "p" not found\n',
      );
    });

    test('proxies lead to pods and nodes', async () => {
      const { port } = web.address();
      const raw = async (path) => (await run(world, ['get', '--raw', path])).stdout;
      const prefix = `/api/v1/namespaces/default/pods/p:${port}/proxy`;
      assert.equal(await raw(`${prefix}/a/b?c=d`), `GET /a/b?c=d ${prefix}/a/b`);
      assert.match(await raw('/api/v1/nodes/node-1/proxy/pods'), /"kind":"PodList"/);
      assert.match(await raw('/api/v1/nodes/node-1/proxy/stats/summary'), /"podRef"/);
      assert.match(await raw('/api/v1/nodes/node-1/proxy/metrics/resource'), /container_cpu_usage_seconds_total\{/);
      const away = await fetchRaw(world, `${prefix}/away`);
      assert.equal(away.headers.location, `${prefix}/there`);
    });
  });

/** Has the pod that runs `cat` say something again and again, since an attached client sees what is said from then on. */
function saying(world, text) {
  const { stdin } = world.host.pod('default', 'cat').running('c');
  const timer = setInterval(() => stdin.write(`${text}\n`), 100).unref();
  const seen = (child) => {
    clearInterval(timer);
    child.kill('SIGKILL');
  };
  return { until: text, seen };
}

async function fetchRaw(world, path) {
  const { request } = await import('node:https');
  const { admin } = world;
  return new Promise((resolve, reject) => {
    const call = request(`${world.url}${path}`, { ...admin, ca: world.ca, agent: false }, (response) => {
      response.resume();
      response.once('end', () => resolve(response));
    });
    call.once('error', reject);
    call.end();
  });
}

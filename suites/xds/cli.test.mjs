// nekube xds against our server, and against what a real Envoy says that it has.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AdsServer, Resource, Snapshot } from 'nekube/xds';
import { cluster, endpoints, listener, routes } from '../../dist/xds/testing/resources.js';
import { eventually, skip, startEnvoy } from './envoy.mjs';
import { freePort } from './traffic.mjs';

const CLUSTERS = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
const program = fileURLToPath(new URL('../../dist/bin/nekube.js', import.meta.url));

/** Runs the program: `{code, stdout, stderr}`. */
function nekube(...args) {
  return started(...args).ended;
}

/** The program, running: `{child, stdout(), ended}`. */
function started(...args) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const read = (stream) => {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    return () => Buffer.concat(chunks).toString();
  };
  const [stdout, stderr] = [read(child.stdout), read(child.stderr)];
  const ended = new Promise((resolve) =>
    child.on('close', (code) => resolve({ code, stdout: stdout(), stderr: stderr() })),
  );
  return { child, stdout, ended };
}

describe('nekube xds', () => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-xds-cli-'));
  const path = join(dir, 'ads.sock');
  const source = `unix:${path}`;
  const server = new AdsServer({ keyOf: ({ id }) => (id === 'stranger' ? undefined : 'suite') });
  let snapshot;

  before(async () => {
    const port = await freePort();
    snapshot = Snapshot.of([
      cluster('web', 'a note'),
      endpoints('web', [9]),
      routes('routes', ['web']),
      listener('first', 'routes', port),
      Resource.of('envoy.config.cluster.v3.Cluster', { name: 'plain', type: 'STATIC', connect_timeout: '1.5s' }),
    ]);
    server.set('suite', snapshot);
    await server.listen({ path });
  });

  // also after a test that failed
  afterEach(() => server.set('suite', snapshot));

  after(async () => {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  });

  test('dump says what to do where a socket is named wrongly', async () => {
    const gone = await nekube('xds', 'dump', `unix:${join(dir, 'gone.sock')}`, '--node', 'n');
    assert.equal(gone.code, 2);
    assert.match(gone.stderr, /fix: name the socket of a server of xDS that runs: .*unix:.nekube\/envoy\/xds.sock/);
    const plain = await nekube('xds', 'dump', path, '--node', 'n');
    assert.deepEqual([plain.code, plain.stderr.includes(`fix: ${source}`)], [2, true]);
  });

  test('dump prints what an Envoy gets, as YAML and as JSON', async () => {
    for (const protocol of ['delta', 'world']) {
      const { code, stdout } = await nekube('xds', 'dump', source, '--protocol', protocol, '-o', 'json');
      assert.equal(code, 0);
      const { configs } = JSON.parse(stdout);
      assert.deepEqual(
        configs.map((one) => one['@type'].split('.').at(-1)),
        ['ClustersConfigDump', 'EndpointsConfigDump', 'ListenersConfigDump', 'RoutesConfigDump'],
      );
      assert.deepEqual(
        configs[0].dynamic_active_clusters.map((one) => one.cluster.name),
        ['plain', 'web'],
      );
    }
    const { stdout } = await nekube('xds', 'dump', source, '--type', 'cluster', '--name', 'plain');
    assert.match(stdout, /^configs:\n- '@type': type\.googleapis\.com\/envoy\.admin\.v3\.ClustersConfigDump\n/);
    assert.match(stdout, /connect_timeout: 1\.500s/);
    assert.equal(stdout.includes('web'), false);
  });

  test('diff tells what differs, and by its exit code whether', async () => {
    const { stdout } = await nekube('xds', 'dump', source);
    const file = join(dir, 'before.yaml');
    writeFileSync(file, stdout);
    assert.deepEqual(await nekube('xds', 'diff', file, source), { code: 0, stdout: '', stderr: '' });
    server.set('suite', snapshot.with({ put: [cluster('web', 'another note')] }));
    const { code, stdout: difference, stderr } = await nekube('xds', 'diff', file, source);
    assert.equal(code, 1);
    assert.match(difference, /^~ cluster web\n[^]*\n {2}- alt_stat_name: a note\n {2}\+ alt_stat_name: another note\n/);
    assert.match(stderr, /1 resource differs/);
  });

  test('watch prints what comes, changes and goes, until it is ended', async () => {
    const { child, stdout, ended } = started('xds', 'watch', source, '--type', 'cluster');
    const lines = () =>
      stdout()
        .split('\n')
        .map((line) => line.replace(/ [0-9a-f]{16}$/, ''));
    await eventually('both came', () => lines().length === 3);
    server.set('suite', snapshot.with({ put: [cluster('web', 'another note')] }));
    await eventually('one changed', () => lines().length === 4);
    server.set('suite', snapshot.with({ remove: [{ type: CLUSTERS, name: 'plain' }] }));
    await eventually('one went, the other changed again', () => lines().length === 6);
    child.kill('SIGINT');
    assert.equal((await ended).code, 0);
    assert.deepEqual(lines().slice(0, 2).sort(), ['+ cluster plain', '+ cluster web']);
    assert.equal(lines()[2], '~ cluster web');
    // what goes may come in a response of its own, when it is known that nothing refers to it any more
    assert.deepEqual(lines().slice(3).sort(), ['', '- cluster plain', '~ cluster web']);
  });

  test('what goes wrong is told', async () => {
    const cases = [
      [['dump', source, '--node', 'stranger'], 2, /node "stranger" is not known/],
      [['dump', `unix:${join(dir, 'nobody')}`], 2, /ENOENT/],
      [['dump', join(dir, 'nothing.yaml')], 2, /Cannot open/],
      [['dump', source, '--type', 'klaster'], 2, /no type "klaster"\n {2}fix: one of cluster, endpoint/],
      [['watch', join(dir, 'before.yaml')], 2, /is no server/],
    ];
    const results = await Promise.all(cases.map(([args]) => nekube('xds', ...args)));
    for (const [i, [args, code, text]] of cases.entries()) {
      assert.equal(results[i].code, code, args.join(' '));
      assert.match(results[i].stderr, text);
    }
  });

  test('a real Envoy has what it is given, by its own words', { skip: skip ?? false }, async () => {
    const envoy = await startEnvoy({ id: 'envoy', server: { path }, protocol: 'delta' });
    try {
      const file = join(dir, 'envoy.json');
      const keys = snapshot.all().map(({ type, name }) => ({ type: type.url, name }));
      await eventually('Envoy has all', () => {
        const node = server.nodes().find(({ id }) => id === 'envoy');
        return node?.progress(snapshot, keys).waiting.length === 0;
      });
      await eventually('the listener is active', async () => {
        writeFileSync(file, await envoy.get('/config_dump'));
        const { code, stdout } = await nekube(
          'xds',
          'diff',
          file,
          source,
          '--type',
          'cluster',
          '--type',
          'listener',
          '--type',
          'route',
        );
        if (code !== 0) throw new Error(stdout);
        return true;
      });
    } finally {
      await envoy.stop();
    }
  });
});

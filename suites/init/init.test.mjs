// A new project of `nekube init controller` builds, runs with one command, and its tests pass at all three levels
// (the cluster is `nekube up`). Nothing is installed: this checkout and its compiler are linked.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from 'nekube/client';
import { eventually } from '../controller/server.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'dist/bin/nekube.js');
const { NODE_TEST_CONTEXT: _, KUBECONFIG: __, ...env } = process.env;
let folder;
let project;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'nekube-init-'));
  project = join(folder, 'web-operator');
  const args = [
    'init',
    'controller',
    'web-operator',
    '--group',
    'web.example.org',
    '--kind',
    'Page',
    '--version',
    'v1',
  ];
  execFileSync(process.execPath, [program, ...args], { cwd: folder });
  const modules = join(project, 'node_modules');
  for (const dir of ['.bin', '@types']) mkdirSync(join(modules, dir), { recursive: true });
  symlinkSync(root, join(modules, 'nekube'));
  for (const name of ['typescript', '@types/node', '.bin/tsc']) {
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));

const npm = (...args) => execFileSync('npm', args, { cwd: project, encoding: 'utf8', env, timeout: 120_000 });

test('it builds', () => {
  npm('run', 'build');
});

for (const level of ['fake', 'envtest']) {
  test(`its tests pass at level ${level}`, () => {
    assert.match(npm('run', `test:${level}`), /^# pass 3$/m);
  });
}

test('its tests pass at level cluster', async (t) => {
  const kubeconfig = join(folder, 'kubeconfig');
  const args = [program, 'up', '--storage', 'memory', '--listen', '127.0.0.1:0', '--kubeconfig', kubeconfig];
  const cluster = spawn(process.execPath, args, { env, stdio: 'ignore' });
  t.after(() => cluster.kill());
  await eventually('a cluster', () => existsSync(kubeconfig));
  const printed = execFileSync('npm', ['run', 'test:cluster'], {
    cwd: project,
    encoding: 'utf8',
    env: { ...env, KUBECONFIG: kubeconfig },
    timeout: 120_000,
  });
  assert.match(printed, /^# pass 3$/m);
});

test('npm start runs a server and the controller on it, and ends when told', async (t) => {
  // in a group of its own, as in a terminal: npm does not pass SIGTERM on
  const running = spawn('npm', ['start'], { cwd: project, env, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  running.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = new Promise((resolve) => running.on('close', resolve));
  t.after(() => running.exitCode === null && process.kill(-running.pid, 'SIGKILL'));
  const kubeconfig = join(project, '.nekube/kubeconfig');
  await eventually('the server and the controller', () => said.includes('Serving metrics') && readFileSync(kubeconfig));
  const client = await connect({ kubeconfig });
  const key = { namespace: 'default', name: 'hello' };
  await client.create({ apiVersion: 'web.example.org/v1', kind: 'Page', metadata: key, spec: { message: 'Hi' } });
  const made = await eventually('its ConfigMap', () => client.get({ apiVersion: 'v1', kind: 'ConfigMap' }, key));
  assert.deepEqual(made.data, { message: 'Hi' });
  const [, url] = /Serving metrics and health url="(http:[^"]+)"/.exec(said) ?? assert.fail(said);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  assert.match(metrics, /controller_runtime_reconcile_total\{controller="web-operator",result="success"\} [1-9]/);
  assert.match(metrics, /rest_client_requests_total\{code="201",method="PATCH"/);
  await client.close();
  process.kill(-running.pid, 'SIGTERM');
  await ended;
});

// `nekube own` as a plugin of the real kubectl, which finds it by the names of files on PATH.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { kubernetesClients } from '../../tools/kubectl.mjs';
import { nekube, servers, startCluster } from './servers.mjs';

const clients = kubernetesClients();

describe('kubectl own', { skip: clients.skip ?? false }, () => {
  let cluster;
  let bin;

  before(async () => {
    cluster = await startCluster(servers[0]);
    bin = mkdtempSync(join(tmpdir(), 'nekube-plugin-'));
    await cluster.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    const web = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web', namespace: 'shop' }, data: { a: '1' } };
    await cluster.client.apply(web, { fieldManager: 'ci' });
  });
  after(async () => {
    await cluster?.stop();
    rmSync(bin, { recursive: true, force: true });
  });

  const install = () => nekube(['own', 'install-plugin', '--dir', bin], cluster, { env: { PATH: '/usr/bin' } });

  /** Answered by a server in this process, so that it must not be waited for in one turn. */
  async function kubectl(...args) {
    const { spawn } = await import('node:child_process');
    const env = { PATH: [bin, process.env.PATH].join(delimiter), HOME: homedir(), KUBECONFIG: cluster.kubeconfig };
    const child = spawn(clients.kubectl, args, { env });
    const out = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => (out.stdout += chunk));
    child.stderr.on('data', (chunk) => (out.stderr += chunk));
    const code = await new Promise((resolve) => child.on('close', resolve));
    return { code, ...out };
  }

  test('is installed, again without a word of complaint, and says where', async () => {
    for (let i = 0; i < 2; i++) {
      const { code, stdout, stderr } = await install();
      assert.equal(code, 0, stderr);
      const names = ['kubectl-own', 'kubectl_complete-own', 'kubectl-nekube', 'kubectl_complete-nekube'];
      assert.deepEqual(
        stdout.trimEnd().split('\n'),
        names.map((name) => join(bin, name)),
      );
      assert.equal(
        stderr,
        `Warning: ${bin} is not on PATH, where kubectl looks for plugins: export PATH="${bin}:$PATH"\n`,
      );
    }
    assert.equal(statSync(join(bin, 'kubectl-own')).mode & 0o777, 0o755);
  });

  test('blames an object, by the flags and the kubeconfig that kubectl has', async () => {
    const { code, stdout, stderr } = await kubectl(
      'own',
      'blame',
      '-n',
      'shop',
      'cm/web',
      '-L',
      '.data.a',
      '--time=none',
    );
    assert.deepEqual(
      { code, stdout, stderr },
      { code: 0, stdout: '           data:\n  ci Apply   a: "1"\n', stderr: '' },
    );
  });

  test('ends with its own exit code', async () => {
    const { code, stderr } = await kubectl('own', 'blame', '-n', 'shop', 'cm/none');
    assert.deepEqual({ code, stderr }, { code: 1, stderr: 'nekube: configmaps "none" not found\n' });
  });

  test('is kubectl nekube, too', async () => {
    const { code, stdout } = await kubectl(
      'nekube',
      'own',
      'blame',
      '-n',
      'shop',
      'cm/web',
      '--summary',
      '--time=none',
    );
    assert.equal(code, 0);
    assert.match(stdout, /^MANAGER .*\nci +Apply +1 +1 +0\n$/);
  });

  test('is among the plugins that kubectl lists', async () => {
    const { stdout } = await kubectl('plugin', 'list');
    assert.ok(stdout.includes(join(bin, 'kubectl-own')), stdout);
  });

  test('is completed by kubectl', async () => {
    const { stdout } = await kubectl('__complete', 'own', 'bl');
    assert.match(stdout, /^blame\tWho owns each line of an object\n:4\n/);
  });

  test('never replaces what somebody else has put there', async () => {
    writeFileSync(join(bin, 'kubectl-own'), '#!/bin/sh\necho mine\n');
    rmSync(join(bin, 'kubectl_complete-own'));
    const { code, stdout, stderr } = await install();
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
    assert.match(stderr, /^error: Cannot write .*kubectl-own: it is there, and not of this command\n {2}fix: /);
    assert.equal(readFileSync(join(bin, 'kubectl-own'), 'utf8'), '#!/bin/sh\necho mine\n');
    assert.throws(() => statSync(join(bin, 'kubectl_complete-own')), { code: 'ENOENT' });
  });
});

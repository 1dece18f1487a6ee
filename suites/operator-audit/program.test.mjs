// `nekube audit run` with operators that are programs, also with such that do not work.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connected } from '../connected.mjs';
import { startNekube } from '../servers.mjs';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Runs the command with one of the operators; `seen` gets what it says on stderr, and its process. */
const audit = (name, flags = [], seen = () => {}) => run([process.execPath, here('main.mjs'), name], flags, seen);

/** The same with any command. */
function run(operator, flags = [], seen = () => {}) {
  const args = [main, 'audit', 'run', '--manifests', here('config'), '--quiet', '200ms', ...flags, '--', ...operator];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { timeout: 840_000 }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
    child.stderr.on('data', (text) => seen(text, child));
  });
}

describe('an operator that is a program', { concurrency: 6 }, () => {
  test('is judged and does the same with the smallest roles, and the report is also a page and an object', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'nekube-audit-'));
    const server = await startNekube();
    const admin = await connected(server.url, server.ca, { token: server.token }, 'nekube-audit-');
    try {
      const page = join(dir, 'audit.html');
      const to = ['-o', 'json', '--html', page, '--store', '--kubeconfig', admin.kubeconfig];
      const { code, stdout, stderr } = await audit('healer', [
        '--budget',
        '13m',
        '--verify',
        '--fail-on',
        'heal,critical',
        ...to,
      ]);
      assert.deepEqual([code, stderr.split('\n').at(-2)], [1, 'nekube: the verdict is heal'], stderr);
      checkReport(JSON.parse(stdout));
      assert.match(readFileSync(page, 'utf8'), /^<!doctype html>[^]*<\/html>\n$/);
      const type = { apiVersion: 'audit.nekube.dev/v1alpha1', kind: 'OperatorAudit' };
      const { spec, status } = await admin.client.get(type, { name: 'shop' });
      assert.deepEqual([spec.user, status.verdict], ['system:serviceaccount:operators:shop', 'heal']);
      // whether all is covered is up to the machine
      const { Covered: _, ...others } = Object.fromEntries(status.conditions.map((one) => [one.type, one.status]));
      assert.deepEqual(others, { Judged: 'True', LeastPrivilege: 'False', Verified: 'True' });
    } finally {
      await admin.close();
      await server.stop();
      rmSync(dir, { recursive: true });
    }
  });

  test('that is not there is an error, which names it', async () => {
    const { code, stderr } = await run(['./nosuch', 'manager']);
    assert.equal(code, 2);
    assert.match(stderr, /error: Cannot start the operator "\.\/nosuch": .*\/nosuch is not there\n +fix: /);
  });

  test('that ends while it works is an error, with its last words', async () => {
    const { code, stderr } = await audit('crasher');
    assert.equal(code, 2);
    assert.match(stderr, /error: The operator ended by itself: exit code 3; it said last: .*out of shops/);
  });

  test('that asks for what there is not is an error', async () => {
    const { code, stderr } = await audit('stranger', ['--budget', '20s']);
    assert.equal(code, 2);
    assert.match(stderr, /error: The operator (ended by itself|does not work)/);
  });

  test('that never asks anything is an error', async () => {
    const { code, stderr } = await audit('idler', ['--budget', '8s']);
    assert.equal(code, 2);
    assert.match(stderr, /error: The operator does not work: after 4 s it sent no request/);
  });

  test('that never rests has a report, within the budget', async () => {
    // half of it is for its start, which takes longer where six of them start at once on a slow machine
    const budgets = ['20s', '80s', '320s'];
    const within = (budget) => audit('flooder', ['--budget', budget, '--manifests', here('admin.yaml')]);
    let told = await within(budgets.shift());
    while (budgets.length > 0 && told.stderr.includes('does not work: after')) told = await within(budgets.shift());
    const { code, stdout, stderr } = told;
    // on a busy machine the time may be over before it is known whether it writes the same
    assert.ok(code <= 1, stderr);
    assert.match(stdout, /it did not come to rest|a resource is made: the time was over/);
    assert.match(stdout, /the time was over/);
    // what it may by a role that no manifest has
    assert.match(stdout, /CRITICAL +\* \*\.\* .*ClusterRole cluster-admin/);
    assert.match(stderr, /warning: ClusterRoleBinding shop-nobody binds ClusterRole shop-gone, which is not there/);
  });

  test('is reported as far as it was looked at, when that is interrupted', async () => {
    let isAsked = false;
    const { code, stdout, stderr } = await audit('renderer', ['-o', 'json'], (text, child) => {
      if (isAsked || !text.includes('each leaf of the spec')) return;
      isAsked = true;
      child.kill('SIGINT');
    });
    const { verdict, confidence, coverage } = JSON.parse(stdout);
    assert.deepEqual([code, verdict, confidence], [1, 'unknown', 'low'], stderr);
    assert.match(coverage.gaps.join('\n'), /not done, since it was interrupted: .*what it made is edited and deleted/);
  });
});

/** What is to be said of the healer. */
function checkReport({ apiVersion, kind, coverage, clusterRules, unused, verification, findings }) {
  assert.deepEqual([apiVersion, kind], ['audit.nekube.dev/v1alpha1', 'OperatorAuditReport']);
  assert.deepEqual(coverage.influence['/replicas'], [
    'configmaps ‹namespace›/‹name›: /data/size',
    'deployments.apps ‹namespace›/‹name›: /spec/replicas',
  ]);
  assert.deepEqual(
    clusterRules.map(({ resources, verbs }) => `${resources}: ${verbs}`),
    ['configmaps: watch,create,patch', 'deployments: watch,create,patch', 'shops: watch'],
  );
  assert.equal(unused.find(({ resource }) => resource === 'secrets').level, 'critical');
  assert.deepEqual(verification, { isSame: true, denied: [], differences: [], compared: 2, gaps: [] });
  const { requests } = findings.find(({ aspect }) => aspect === 'stable');
  assert.ok(
    requests.some((line) => /^apply configmaps .*"colour":"red"/.test(line)),
    requests.join('\n'),
  );
}

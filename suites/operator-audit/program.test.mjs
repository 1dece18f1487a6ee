// `nekube audit run` with operators that are programs, also with such that do not work.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Runs the command with one of the operators. */
function audit(name, ...flags) {
  const operator = ['--', process.execPath, here('main.mjs'), name];
  const args = [
    here('../../dist/cli/main.js'),
    'audit',
    'run',
    '--manifests',
    here('config'),
    '--quiet',
    '200ms',
    ...flags,
    ...operator,
  ];
  return new Promise((resolve) =>
    execFile(process.execPath, args, { timeout: 240_000 }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    ),
  );
}

describe('an operator that is a program', { concurrency: 5 }, () => {
  test('is judged, and what it did not use of its rights is told', async () => {
    const { code, stdout } = await audit('healer', '-o', 'json');
    const { verdict, coverage, clusterRules, unused } = JSON.parse(stdout);
    assert.deepEqual([code, verdict], [0, 'heal']);
    assert.deepEqual(coverage.influence['/replicas'], [
      'configmaps ‹namespace›/‹name›: /data/size',
      'deployments.apps ‹namespace›/‹name›: /spec/replicas',
    ]);
    assert.deepEqual(
      clusterRules.map(({ resources, verbs }) => `${resources}: ${verbs}`),
      ['configmaps: watch,create,patch', 'deployments: watch,create,patch', 'shops: watch'],
    );
    assert.equal(unused.find(({ resource }) => resource === 'secrets').level, 'critical');
  });

  test('that ends while it works is an error, with its last words', async () => {
    const { code, stderr } = await audit('crasher');
    assert.equal(code, 2);
    assert.match(stderr, /error: The operator ended by itself: exit code 3; it said last: .*out of shops/);
  });

  test('that asks for what there is not is an error', async () => {
    const { code, stderr } = await audit('stranger', '--budget', '20s');
    assert.equal(code, 2);
    assert.match(stderr, /error: The operator (ended by itself|does not work)/);
  });

  test('that never asks anything is an error', async () => {
    const { code, stderr } = await audit('idler', '--budget', '8s');
    assert.equal(code, 2);
    assert.match(stderr, /error: The operator does not work: after 4 s it sent no request/);
  });

  test('that never rests has a report, within the budget', async () => {
    const { code, stdout, stderr } = await audit('flooder', '--budget', '20s');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /it did not come to rest/);
    assert.match(stdout, /the time was over/);
  });
});

// `nekube audit run` with operators of several kinds that are programs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [SHOPS, MALLS] = ['shops.shop.example', 'malls.shop.example'];
/** What an audit could not do in its time, it could not find: almost all that a test may take, which only a busy machine needs. */
const BUDGET = '13m';

/** Runs the command with one of the operators. */
function audit(name, ...flags) {
  const manifests = ['config', 'malls.yaml', 'malls-role.yaml'].flatMap((path) => ['--manifests', here(path)]);
  const args = [main, 'audit', 'run', ...manifests, '--quiet', '200ms', ...flags, '--'];
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      [...args, process.execPath, here('main.mjs'), name],
      { timeout: 900_000, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
    ),
  );
}

describe('an operator of several kinds that is a program', { concurrency: 3 }, () => {
  test('has one report, and does the same with all kinds by the roles that are joined', async () => {
    const { code, stdout, stderr } = await audit('builder', '--budget', BUDGET, '--verify', '-o', 'json');
    assert.equal(code, 0, stderr);
    const { kinds, verdict, decidedBy, findings, coverage, clusterRules, verification } = JSON.parse(stdout);
    assert.deepEqual([verdict, decidedBy], ['operate', [MALLS]]);
    assert.deepEqual(
      kinds.map((one) => [one.kind, one.verdict]),
      [
        [SHOPS, 'render'],
        [MALLS, 'operate'],
      ],
    );
    assert.deepEqual(
      clusterRules.map(({ resources, verbs }) => `${resources}: ${verbs}`),
      ['configmaps: create,patch', 'deployments: watch,create,patch', 'malls,shops: watch'],
    );
    const { isSame, denied, differences } = verification;
    assert.deepEqual([isSame, denied, differences], [true, [], []]);
    assert.deepEqual(coverage.influence[`${SHOPS}: /colour`], ['configmaps ‹namespace›/‹name›-shop: /data/colour']);
    assert.deepEqual([...new Set(findings.map(({ kind }) => kind))], [SHOPS, MALLS]);
    assert.match(stderr, /malls\.shop\.example: a resource is made/);
  });

  test('is judged by the kinds that it works with, and it is said at which it ends', async () => {
    const { code, stdout, stderr } = await audit('stumbler', '--budget', BUDGET);
    assert.equal(code, 1, stderr);
    assert.match(stdout, /^Verdict: unknown .*\n +Too little is known of malls\.shop\.example/);
    assert.match(stdout, /malls\.shop\.example was not probed: The operator ended by itself: exit code 3/);
    assert.match(stdout, /spec\/colour\n +configmaps ‹namespace›\/‹name›-shop: \/data\/colour/);
  });

  test('is audited with one of them where that is asked for', async () => {
    const { stdout, stderr } = await audit('stumbler', '--kind', 'Shop', '--budget', '2m');
    assert.match(stdout, /^Verdict: (render|unknown) /, stderr);
    assert.match(stdout, /It was probed with shops\.shop\.example, and not with malls\.shop\.example/);
  });
});

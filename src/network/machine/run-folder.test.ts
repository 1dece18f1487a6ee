import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { shortProcessScope } from 'nekube/files';
import { bridgeAlias, isOfDeadRun } from '../namespaces/bridge.ts';
import { makeRunFolder, removeDeadRuns } from './run-folder.ts';

const ended = spawnSync(process.execPath, ['-e', '']).pid;
/** Where ids of processes mean others than here; the digits of our own scope, the other way round, are one. */
const elsewhere = [...shortProcessScope()].map((digit) => (15 - Number.parseInt(digit, 16)).toString(16)).join('');

test('only folders of runs that are known to be gone are removed', async (t) => {
  const before = process.env.TMPDIR;
  const dir = mkdtempSync(join(tmpdir(), 'nekube-run-folder-'));
  t.after(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(dir, { recursive: true });
  });
  process.env.TMPDIR = dir;
  const ours = await makeRunFolder('namespaces');
  const dead = `nekube-network-loopback-${shortProcessScope()}-${ended}-Ab12cd`;
  const unseen = `nekube-network-loopback-${elsewhere}-${ended}-Ab12cd`;
  for (const name of [dead, unseen]) mkdirSync(join(dir, name));
  assert.deepEqual([...removeDeadRuns()], ['namespaces']);
  assert.deepEqual(
    readdirSync(dir)
      .map((name) => join(dir, name))
      .sort(),
    [ours, join(dir, unseen)].sort(),
  );
});

test('only bridges of runs that are known to be gone are removed', { skip: process.platform !== 'linux' }, () => {
  const cases: readonly (readonly [string, boolean])[] = [
    [bridgeAlias(process.pid), false],
    [`nekube ${shortProcessScope()} ${ended} 1`, true],
    [`nekube ${elsewhere} ${ended} 1`, false],
    ['', false],
    ['somebody else', false],
  ];
  for (const [alias, isDead] of cases) assert.equal(isOfDeadRun(alias), isDead, alias);
});

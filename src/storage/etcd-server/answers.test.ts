import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startEtcdServer } from '../etcd-server.ts';
import { type EtcdAnswers, etcdCases, runEtcdCase } from '../testing/etcd-cases.ts';

const recorded = JSON.parse(
  readFileSync(new URL('../../../src/storage/etcd-server/testdata/answers.json', import.meta.url), 'utf8'),
) as Record<string, EtcdAnswers>;

describe('answers as a real etcd gives them', () => {
  for (const etcdCase of etcdCases)
    test(etcdCase.name, async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'nekube-etcd-'));
      const server = await startEtcdServer({ clientUrls: [{ host: '127.0.0.1', port: 0 }], dataDir, fsync: false });
      try {
        const answers = await runEtcdCase(server.urls[0]!, etcdCase);
        assert.deepEqual(answers, recorded[etcdCase.name]);
      } finally {
        await server.close();
        rmSync(dataDir, { recursive: true, force: true });
      }
    });
});

// Records what a real etcd answers to the cases of the storage: node tools/record-etcd.mjs
import { writeFileSync } from 'node:fs';
import { build } from './build.mjs';
import { startEtcd } from './oracle.mjs';

await build();
const { etcdCases, runEtcdCase } = await import('../dist/storage/testing/etcd-cases.js');
const recorded = {};
for (const etcdCase of etcdCases) {
  const etcd = await startEtcd();
  try {
    console.error(`record: ${etcdCase.name}`);
    recorded[etcdCase.name] = await runEtcdCase(etcd.url, etcdCase);
  } finally {
    await etcd.stop();
  }
}
const file = new URL('../src/storage/etcd-server/testdata/answers.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(recorded, undefined, 1)}\n`);

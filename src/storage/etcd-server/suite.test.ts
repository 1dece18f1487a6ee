import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEtcd } from '../etcd.ts';
import { startEtcdServer } from '../etcd-server.ts';
import { FakeClock } from '../testing/fixtures.ts';
import { describeStorage } from '../testing/suite.ts';

for (const fsync of [false, true])
  describeStorage(
    `etcd, served by our own ${fsync ? 'with' : 'without'} fsync,`,
    async (use, options) => {
      const dataDir = mkdtempSync(join(tmpdir(), 'nekube-etcd-'));
      const server = await startEtcdServer({ clientUrls: [{ host: '127.0.0.1', port: 0 }], dataDir, fsync });
      const store = await openEtcd({
        endpoints: server.urls,
        prefix: '/test',
        compactionSeconds: 0,
        clock: new FakeClock(),
        // what was submitted is kept however slow the machine is
        closeMs: 60_000,
        ...options,
      });
      try {
        await use(store);
      } finally {
        await store.close();
        await server.close();
        rmSync(dataDir, { recursive: true, force: true });
      }
    },
    { remote: true, steps: 600 },
  );

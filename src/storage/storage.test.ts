import { openLmdb, openMemory } from './index.ts';
import { withDirectory } from './testing/fixtures.ts';
import { describeStorage } from './testing/suite.ts';

describeStorage('memory', async (use, options) => {
  const storage = openMemory(options);
  await use(storage);
  await storage.close();
});

describeStorage('lmdb', (use, options) =>
  withDirectory(async (dir) => {
    const storage = await openLmdb(dir, options);
    try {
      await use(storage);
    } finally {
      await storage.close();
    }
  }),
);

import { openLmdb, openMemory } from './index.ts';
import { FakeClock, withDirectory } from './testing/fixtures.ts';
import { describeStorage } from './testing/suite.ts';

describeStorage('memory', async (use, options) => {
  const storage = openMemory({ clock: new FakeClock(), ...options });
  await use(storage);
  await storage.close();
});

describeStorage('lmdb', (use, options) =>
  withDirectory(async (dir) => {
    const storage = await openLmdb(dir, { clock: new FakeClock(), ...options });
    try {
      await use(storage);
    } finally {
      await storage.close();
    }
  }),
);

// The stories of kubectl and helm, which come as binaries; those that install packages run by `npm run suites -- clients`.
import { describe, test } from 'node:test';
import { startNekube } from '../servers.mjs';
import { runClient } from './run.mjs';

describe('real clients', { concurrency: 2 }, () => {
  for (const name of ['kubectl', 'helm']) {
    test(`${name} does what people do with it`, async (t) => {
      const server = await startNekube();
      try {
        const skip = await runClient(name, server, () => {});
        if (skip !== undefined) t.skip(skip);
      } finally {
        await server.stop();
      }
    });
  }
});

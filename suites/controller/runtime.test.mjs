// Managers, writes, caches, finalizers and streams of our runtime, against a server of ours in this process.
import { after, before, test } from 'node:test';
import { runtimeStories } from './runtime.mjs';
import { startInProcess } from './server.mjs';

let server;
before(async () => {
  server = await startInProcess();
});
after(() => server?.stop());

for (const [name, tell] of runtimeStories) test(name, () => tell(server));

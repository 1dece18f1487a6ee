// A controller on our runtime, against a server of ours in this process.
import { after, before, test } from 'node:test';
import { startInProcess } from './server.mjs';
import { tellStory } from './story.mjs';

let server;
before(async () => {
  server = await startInProcess();
});
after(() => server?.stop());

test('a controller keeps its objects as it says, tells of them, and cleans up', () => tellStory(server));

// APIs of other servers are served as the real kube-apiserver serves them (recorded.json).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startNekube } from '../servers.mjs';
import { play } from './story.mjs';

const recorded = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8'));

test('APIs of other servers', async (t) => {
  const server = await startNekube();
  try {
    const answers = await play(server);
    for (const [name, answer] of Object.entries(recorded))
      await t.test(name, () => assert.deepEqual(answers[name], answer));
    assert.deepEqual(Object.keys(answers), Object.keys(recorded));
  } finally {
    await server.stop();
  }
});

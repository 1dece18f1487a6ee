// Requests in protobuf, answered as the real kube-apiserver answered them (recorded.json).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startNekube } from '../servers.mjs';
import { exchange } from './exchange.mjs';

const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));

test('requests and answers in protobuf', async (t) => {
  const server = await startNekube();
  const recorded = read('recorded.json');
  try {
    // in order, since later ones read what earlier ones made
    for (const [i, step] of read('requests.json').entries()) {
      const answer = await exchange(server, step);
      await t.test(step.name, () => assert.deepEqual(answer, recorded[i]));
    }
    await t.test('the version is in JSON for who takes that, too, whatever comes first', async () => {
      const accept = 'application/vnd.kubernetes.protobuf,application/json';
      const { code, type } = await exchange(server, { path: '/version', headers: { accept } });
      assert.deepEqual({ code, type }, { code: 200, type: 'application/json' });
    });
  } finally {
    await server.stop();
  }
});

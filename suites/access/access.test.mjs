// Each endpoint, asked as each identity, lets through whom the real kube-apiserver lets through (recorded.txt).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startNekube } from '../servers.mjs';
import { endpointsOf, IDENTITIES, MODES, tableOf } from './table.mjs';

const recorded = readFileSync(new URL('recorded.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const endpointOf = (line) => line.split(/ (.*)/)[1];

test('who gets through to which endpoint', async (t) => {
  const server = await startNekube({ args: ['--authorization-mode', MODES] });
  try {
    const lines = await tableOf(server, recorded.map(endpointOf));
    for (const [i, line] of recorded.entries()) if (lines[i] !== line) t.diagnostic(`want ${line}, got ${lines[i]}`);
    assert.deepEqual(lines, recorded, `letters are of ${IDENTITIES.join(', ')}`);
    await t.test('the server has no endpoint that is not in the table', async () => {
      const known = new Set(recorded.map(endpointOf));
      assert.deepEqual(
        (await endpointsOf(server)).filter((endpoint) => !known.has(endpoint)),
        [],
      );
    });
  } finally {
    await server.stop();
  }
});

// Ports that tests give to servers which listen on them later.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort, freePorts } from '../tools/free-ports.mjs';

test('a port is given once, though nobody listens on it yet', async () => {
  const ports = [await freePort(), ...(await freePorts(600)), ...(await freePorts(600))];
  assert.equal(new Set(ports).size, 1201);
});

// Ports that tests give to servers which listen on them later.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimPort } from '../dist/network/pods/port-claim.js';
import { freePort, freePorts } from '../tools/free-ports.mjs';

test('a port is given once, though nobody listens on it yet', async () => {
  const ports = [await freePort(), ...(await freePorts(600)), ...(await freePorts(600))];
  assert.equal(new Set(ports).size, 1201);
});

test('a port that was given is claimed, so that neither another test nor a cluster takes it', {
  skip: process.platform !== 'linux' && 'claims of ports are kept by sockets of Linux',
}, async () => {
  assert.equal(await claimPort(await freePort()), undefined);
});

// Ports that tests give to servers which listen on them later.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('ports are given also where nothing was built yet, as to the oracle', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nekube-free-ports-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(new URL('../tools/free-ports.mjs', import.meta.url), join(folder, 'tools/free-ports.mjs'));
  const program = `console.log(await (await import('./tools/free-ports.mjs')).freePort());`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.match(said, /^\d+\n$/);
});

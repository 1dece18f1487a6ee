// What comes to nothing is refused as by the real kube-apiserver, whose answers are in recorded.json (record.mjs).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { startServer } from 'nekube/apiserver';
import { loadOrCreatePki } from 'nekube/pki';
import { openMemory } from 'nekube/storage';
import { connected } from '../connected.mjs';
import { ask, CASES, prepare } from './refusals.mjs';

const recorded = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8'));

describe('what cannot be reached is refused as by kube-apiserver', () => {
  let server;
  let world;
  let asked;
  before(async () => {
    const pki = loadOrCreatePki(undefined, { hosts: ['localhost'], ips: ['127.0.0.1'], now: () => new Date() });
    server = await startServer({
      listen: { host: '127.0.0.1', port: 0 },
      storage: openMemory(),
      pki,
      plugins: { disable: ['ServiceAccount'] },
      tokens: [{ token: 'admintoken', user: { name: 'admin', groups: ['system:masters'] } }],
      kubelet: { preferredAddressTypes: ['InternalIP', 'Hostname'] },
    });
    world = await connected(server.url, pki.caCert, { token: 'admintoken' }, 'nekube-streams-');
    await prepare(world);
    asked = { url: server.url, tls: { ca: pki.caCert }, authorization: 'Bearer admintoken' };
  });
  after(async () => {
    await world.close();
    await server.close();
  });
  for (const one of CASES)
    test(one.name, async () => {
      assert.deepEqual(JSON.parse(JSON.stringify(await ask(asked, one))), recorded[one.name]);
    });
});

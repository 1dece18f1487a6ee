// Envoy takes what becomes of all test data: in a file, and by xDS without a refusal.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ResourceBuilder, staticBootstrap, validate } from '../../dist/gateway/envoy/index.js';
import { modelOfYaml } from '../../dist/gateway/envoy/testing/model-file.js';
import { goldenCases } from '../../dist/gateway/translate/golden-cases.js';
import { translate } from '../../dist/gateway/index.js';
import { makeTemporaryFolder, removeTemporaryFolder } from '../../dist/files/index.js';
import { newAuthority } from './authority.mjs';
import { refusedOf } from './batches.mjs';
import { envoy, eventually, freePort, skip, startPlane } from './world.mjs';

const folder = fileURLToPath(new URL('../../src/gateway/envoy/testdata/', import.meta.url));
const { cert, key } = newAuthority('it').issue('shop.example', ['shop.example']);
const pem = { chain: cert, privateKey: key.reveal() };
const models = readdirSync(folder)
  .filter((file) => file.endsWith('.in.yaml'))
  .map((file) => ({ file, model: modelOfYaml(readFileSync(folder + file, 'utf8'), pem) }));

const systemCa = '/etc/ssl/certs/ca-certificates.crt';
const translated = goldenCases().map(({ file, snapshot }) => ({ file, model: translate(snapshot).model }));
const bootstrapOf = (model) => staticBootstrap(new ResourceBuilder({ anyAddress: '0.0.0.0', systemCa }).build(model));

test('Envoy takes models as files, and what becomes of resources', { skip, timeout: 180_000 }, async (t) => {
  const folder = makeTemporaryFolder('nekube-gateway-goldens');
  t.after(() => removeTemporaryFolder(folder));
  const refuses = (bootstrap) => validate(envoy, bootstrap, folder);
  const bootstraps = new Map([...models, ...translated].map(({ file, model }) => [file, bootstrapOf(model)]));
  assert.ok(bootstraps.size > 150);
  assert.deepEqual(await refusedOf(bootstraps, refuses), []);
  // one that is refused is told by its name, and nobody else
  const bad = structuredClone(bootstraps.get('tcp-simple.in.yaml'));
  bad.static_resources.clusters[0].connect_timeout = '0s';
  const some = new Map([...[...bootstraps].slice(0, 3), ['bad', bad]]);
  const [told, ...others] = await refusedOf(some, refuses);
  assert.match(told, /^bad: [^]*ConnectTimeout/);
  assert.deepEqual(others, []);
});

test('Envoy takes models by xDS, and what becomes of resources', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t);
  const ports = [];
  const portOf = async (index) => (ports[index] ??= await freePort());
  for (const { file, model } of [...models, ...translated]) {
    await t.test(file, async () => {
      world.plane.update(await here(model, portOf));
      const state = await eventually(() => {
        const gateways = [...world.plane.state().gateways.values()];
        const isOver = gateways.every(({ programmed, refusals }) => programmed || refusals.length > 0);
        return isOver && { refusals: gateways.flatMap(({ refusals }) => refusals) };
      });
      assert.deepEqual(state.refusals, []);
    });
  }
});

/** The model on this machine, at ports that are free. */
async function here(model, portOf) {
  let count = 0;
  const gateways = [];
  for (const gateway of model.gateways) {
    const listeners = [];
    for (const listener of gateway.listeners) listeners.push({ ...listener, port: await portOf(count++) });
    gateways.push({ ...gateway, addresses: ['127.0.0.1'], listeners });
  }
  return { ...model, gateways };
}

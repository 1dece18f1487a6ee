import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stringifyYaml } from 'nekube/apimachinery';
import { encodeAs } from 'nekube/xds';
import { modelOfYaml } from '../testing/model-file.ts';
import { type EnvoyResources, ResourceBuilder } from './envoy-resources.ts';

const folder = fileURLToPath(new URL('../../../../src/gateway/envoy/testdata/', import.meta.url));
const update = process.env.NEKUBE_UPDATE_GOLDENS !== undefined;
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.in.yaml'))
  .map((file) => file.slice(0, -'.in.yaml'.length));

const TYPES: Readonly<Record<keyof EnvoyResources, string>> = {
  listeners: 'envoy.config.listener.v3.Listener',
  routes: 'envoy.config.route.v3.RouteConfiguration',
  clusters: 'envoy.config.cluster.v3.Cluster',
  endpoints: 'envoy.config.endpoint.v3.ClusterLoadAssignment',
  secrets: 'envoy.extensions.transport_sockets.tls.v3.Secret',
};

for (const name of names) {
  const model = () =>
    modelOfYaml(readFileSync(`${folder}${name}.in.yaml`, 'utf8'), { chain: 'CHAIN', privateKey: 'KEY' });
  const build = () => new ResourceBuilder({ anyAddress: '0.0.0.0', systemCa: '/etc/ssl/ca.crt' }).build(model());

  test(`${name} becomes these resources`, () => {
    const { secrets: _, ...shown } = build();
    const lists = Object.entries(shown).map(([type, all]) => [type, [...all.values()]]);
    const text = stringifyYaml(JSON.parse(JSON.stringify(Object.fromEntries(lists))));
    const golden = `${folder}${name}.out.yaml`;
    if (update) writeFileSync(golden, text);
    assert.equal(text, readFileSync(golden, 'utf8'));
  });

  test(`${name} is made of messages that there are, and twice of the same bytes`, () => {
    const bytes = () =>
      Object.entries(build()).flatMap(([type, all]) =>
        [...all.values()].map((message) => encodeAs(TYPES[type as keyof EnvoyResources], message).toString('base64')),
      );
    assert.deepEqual(bytes(), bytes());
  });
}

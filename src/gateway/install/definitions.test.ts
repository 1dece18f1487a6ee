import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleVersion, CHANNELS, gatewayDefinitions } from './definitions.ts';

test('each channel has the definitions of one release, the experimental one more of them', () => {
  const names = CHANNELS.map((channel) => gatewayDefinitions(channel).map(({ metadata }) => metadata.name!));
  assert.ok(names[0]!.includes('httproutes.gateway.networking.k8s.io'));
  assert.ok(names[1]!.includes('xbackends.gateway.networking.x-k8s.io'));
  for (const name of names[0]!) assert.ok(names[1]!.includes(name), name);
  for (const channel of CHANNELS) {
    const versions = new Set(gatewayDefinitions(channel).map(bundleVersion));
    versions.delete(undefined); // policies of ours
    assert.deepEqual([...versions], ['v1.7.0']);
  }
});

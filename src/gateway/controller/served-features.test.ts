import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SnapshotKind } from '../translate/index.ts';
import { servedFeatures } from './served-features.ts';

const FEATURES = ['ClusterTrustBundle', 'GatewayAddressRoutability', 'HTTPRoute'];
const cases: readonly (readonly [string, readonly SnapshotKind[], readonly string[]])[] = [
  ['of the standard channel', ['httpRoutes'], ['HTTPRoute']],
  ['of the standard channel, with ClusterTrustBundles', ['clusterTrustBundles'], ['HTTPRoute']],
  ['of the experimental channel', ['xBackends'], ['GatewayAddressRoutability', 'HTTPRoute']],
  ['of the experimental channel, with ClusterTrustBundles', ['xBackends', 'clusterTrustBundles'], FEATURES],
];

for (const [name, parts, told] of cases) {
  test(`features ${name} are those that can be asked for`, () => {
    assert.deepEqual(servedFeatures(FEATURES, parts), told);
  });
}

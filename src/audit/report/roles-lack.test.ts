import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rolesLack } from './roles-lack.ts';

const PROBED = { probed: 'shops.shop.example', others: [] };

/** What roles lack of one that is granted leases, and may have used them. */
function lack({ isWithoutList = false, usedLeases }: { isWithoutList?: boolean; usedLeases?: boolean }) {
  const grants = usedLeases === undefined ? [] : [{ group: 'coordination.k8s.io', resource: 'leases' }];
  const used = usedLeases ? [{}] : [];
  return rolesLack(
    PROBED,
    { isWithoutList } as never,
    grants.map((grant) => ({ grant, used }) as never),
  ).join('\n');
}

test('roles of one that watched without list lack it for older servers', () => {
  assert.match(lack({ isWithoutList: true }), /^It watched without list .* before Kubernetes 1\.32/);
});

test('roles of one that is granted leases and used none lack what it may need in a cluster alone', () => {
  assert.match(lack({ usedLeases: false }), /^Leases are not among these/);
});

test('roles lack nothing of one that listed, and used what leases it may have', () => {
  assert.equal(lack({}), '');
  assert.equal(lack({ usedLeases: true }), '');
});

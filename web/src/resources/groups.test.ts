import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kind } from '../api/kinds.ts';
import { groupKinds } from './groups.ts';

function kind(resource: string, group = '', verbs = ['list']): Kind {
  const path = `${group || 'core'}/v1/${resource}`;
  const rest = { shortNames: [], categories: [], otherVersions: [], api: '' };
  return { group, version: 'v1', resource, kind: resource, namespaced: true, verbs, path, ...rest };
}

test('built-in kinds stand by topic, others by their group, and what cannot be listed nowhere', () => {
  const groups = groupKinds([
    kind('gizmos', 'b.example.com'),
    kind('deployments', 'apps'),
    kind('pods'),
    kind('bindings', '', ['create']),
    kind('events'),
    kind('events', 'events.k8s.io'),
    kind('deployments', 'a.example.com'),
  ]);
  assert.deepEqual(
    groups.map(({ group, kinds }) => [group.id, kinds.map((one) => one.path)]),
    [
      ['workloads', ['core/v1/pods', 'apps/v1/deployments']],
      ['cluster', ['core/v1/events']],
      ['a.example.com', ['a.example.com/v1/deployments']],
      ['b.example.com', ['b.example.com/v1/gizmos']],
    ],
  );
});

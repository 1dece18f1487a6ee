import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluatorOf } from 'nekube/quota';
import { evaluatorsOf } from './counted-resources.ts';
import { isReplenishing } from './replenish.ts';
import { type ResourceQuota, statusOf } from './usage.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const quota = (hard: Record<string, string>, more: Partial<ResourceQuota> = {}): ResourceQuota => ({
  metadata: { name: 'q', namespace: 'ns' },
  ...more,
  spec: { hard, ...more.spec },
});
const pod = (cpu: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns' },
  spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }], ...more },
});
const pods = evaluatorOf('', 'pods');

test('what is used is the sum over all that there is, in the names that are limited', () => {
  const status = statusOf(
    quota({ 'requests.cpu': '2', pods: '5' }),
    [{ evaluator: pods, objects: [pod('100m'), pod('1')] }],
    NOW,
  );
  assert.deepEqual(status, { hard: { pods: '5', 'requests.cpu': '2' }, used: { pods: '2', 'requests.cpu': '1100m' } });
});

test('a status that is right already is left alone, whatever its amounts look like', () => {
  const status = { hard: { pods: '5' }, used: { pods: '1' } };
  assert.equal(statusOf(quota({ pods: '5' }, { status }), [{ evaluator: pods, objects: [pod('1')] }], NOW), undefined);
});

test('what cannot be counted now stays as it was', () => {
  const status = { hard: { 'count/webs.example.com': '5' }, used: { 'count/webs.example.com': '3' } };
  const next = statusOf(quota({ 'count/webs.example.com': '6' }, { status }), [], NOW);
  assert.deepEqual(next?.used, { 'count/webs.example.com': '3' });
});

test('only objects in all scopes count', () => {
  const scoped = quota({ pods: '5' }, { spec: { scopes: ['Terminating', 'NotBestEffort'] } });
  const objects = [pod('1'), pod('1', { activeDeadlineSeconds: 3 }), pod('0', { activeDeadlineSeconds: 3 })];
  assert.deepEqual(statusOf(scoped, [{ evaluator: pods, objects }], NOW)?.used, { pods: '1' });
});

test('names of quotas lead to the resources that they count', () => {
  const names = ['count/deployments.apps', 'requests.cpu', 'secrets', 'count/secrets', 'count/events', 'gold.unknown'];
  assert.deepEqual([...evaluatorsOf(names).keys()].sort(), ['deployments.apps', 'pods', 'secrets']);
});

test('an update gives something back when a pod ends, its scope changes, or a service becomes another', () => {
  const ended = { ...pod('1'), status: { phase: 'Failed' } };
  assert.ok(isReplenishing('pods', ended, pod('1'), NOW));
  assert.ok(!isReplenishing('pods', ended, ended, NOW));
  assert.ok(isReplenishing('pods', pod('1', { activeDeadlineSeconds: 1 }), pod('1'), NOW));
  const service = (type: string) => ({ metadata: { name: 's' }, spec: { type } });
  assert.ok(isReplenishing('services', service('ClusterIP'), service('NodePort'), NOW));
  assert.ok(!isReplenishing('services', service('NodePort'), service('NodePort'), NOW));
  assert.ok(!isReplenishing('configmaps', service('a'), service('b'), NOW));
});

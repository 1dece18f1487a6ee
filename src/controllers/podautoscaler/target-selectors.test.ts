import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KubeObject, parseLabelSelector } from 'nekube/apimachinery';
import { TargetSelectors } from './target-selectors.ts';

const WEB = parseLabelSelector('app=web');
const PODS: readonly KubeObject[] = [
  { metadata: { name: 'a', labels: { app: 'web', tier: 'front' } } },
  { metadata: { name: 'b', labels: { app: 'store' } } },
];

function known(): TargetSelectors {
  const selectors = new TargetSelectors();
  selectors.set({ namespace: 'shop', name: 'web' }, WEB);
  selectors.set({ namespace: 'shop', name: 'front' }, parseLabelSelector('tier=front'));
  selectors.set({ namespace: 'shop', name: 'store' }, parseLabelSelector('app=store'));
  selectors.set({ namespace: 'other', name: 'web' }, WEB);
  return selectors;
}

test('autoscalers of the namespace that select one of the same pods are named', () => {
  assert.deepEqual(known().ofSamePods('shop', WEB, PODS), ['web', 'front']);
});

test('two selectors without a pod in common do not meet', () => {
  assert.deepEqual(known().ofSamePods('shop', WEB, PODS.slice(1)), []);
});

test('an autoscaler that is gone is in no way any more', () => {
  const selectors = known();
  selectors.forget({ namespace: 'shop', name: 'front' });
  assert.deepEqual(selectors.ofSamePods('shop', WEB, PODS), ['web']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionsOf, summaryOf } from './summary.ts';

const node = (...conditions: object[]) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n' },
  status: { conditions },
});

test('what is wrong comes first, in whichever sense a condition is', () => {
  const conditions = conditionsOf(
    node(
      { type: 'Ready', status: 'True' },
      { type: 'DiskPressure', status: 'True', reason: 'Full' },
      { type: 'MemoryPressure', status: 'False' },
      { type: 'NetworkReady', status: 'Unknown' },
      { type: 'Progressing', status: 'False' },
    ) as never,
  );
  assert.deepEqual(
    conditions.map(({ type, bad }) => `${type} ${bad}`),
    ['DiskPressure true', 'NetworkReady true', 'Ready false', 'MemoryPressure false', 'Progressing false'],
  );
  assert.deepEqual(conditionsOf({ metadata: {}, status: { conditions: 'x' } } as never), []);
});

test('a deployment that is not through is busy, and says why', () => {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', generation: 2 },
    spec: { replicas: 3 },
    status: { observedGeneration: 1 },
  };
  const { level, message } = summaryOf(deployment as never, 0);
  assert.equal(level, 'busy');
  assert.match(message, /generation/);
});

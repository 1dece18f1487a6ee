import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../objects/pod.ts';
import { amountOf, DEFAULT_REQUESTS, isScheduled, nonZeroRequestsOf, requestsOf } from './resources.ts';

const cpu = (name: string, amount: string, more: object = {}) => ({
  name,
  resources: { requests: { cpu: amount } },
  ...more,
});
const status = (name: string, inForce: string, promised = inForce) => ({
  name,
  resources: { requests: { cpu: inForce } },
  allocatedResources: { cpu: promised },
});
const sidecar = { restartPolicy: 'Always' };
const infeasible = { conditions: [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }] };
const podOf = (spec: Partial<Pod['spec']>, podStatus: Pod['status'] = {}): Pod => ({
  metadata: { name: 'p' },
  spec: { containers: [], ...spec },
  status: podStatus,
});

const cases: readonly (readonly [what: string, pod: Pod, millis: number])[] = [
  ['its containers together', podOf({ containers: [cpu('a', '1'), cpu('b', '250m')] }), 1250],
  [
    'an init container that needs more',
    podOf({ containers: [cpu('a', '1')], initContainers: [cpu('i', '3'), cpu('j', '2')] }),
    3000,
  ],
  [
    'its sidecars as well',
    podOf({ containers: [cpu('a', '1')], initContainers: [cpu('s', '2', sidecar), cpu('i', '500m')] }),
    3000,
  ],
  [
    'an init container beside the sidecars before it, not those after it',
    podOf({
      containers: [cpu('a', '100m')],
      initContainers: [cpu('s', '1', sidecar), cpu('i', '4'), cpu('t', '1', sidecar)],
    }),
    5000,
  ],
  ['its overhead', podOf({ containers: [cpu('a', '1')], overhead: { cpu: '100m' } }), 1100],
  [
    'what the pod itself asks for, instead of its containers',
    podOf({ containers: [cpu('a', '1')], resources: { requests: { cpu: '2' } } }),
    2000,
  ],
  [
    'what a container has in force, while it is made smaller',
    podOf({ containers: [cpu('a', '1')] }, { containerStatuses: [status('a', '2', '1')] }),
    2000,
  ],
  [
    'what a container was promised, before it has it',
    podOf({ containers: [cpu('a', '1')] }, { containerStatuses: [status('a', '500m', '3')] }),
    3000,
  ],
  [
    'what a container asks for, while it is made larger',
    podOf({ containers: [cpu('a', '4')] }, { containerStatuses: [status('a', '2')] }),
    4000,
  ],
  [
    'no more than what is in force where the resize cannot be',
    podOf({ containers: [cpu('a', '4')] }, { ...infeasible, containerStatuses: [status('a', '2')] }),
    2000,
  ],
  [
    'what a sidecar has in force',
    podOf({ initContainers: [cpu('s', '1', sidecar)] }, { initContainerStatuses: [status('s', '2')] }),
    2000,
  ],
  [
    'nothing of what an init container had that ends',
    podOf({ initContainers: [cpu('i', '1')] }, { initContainerStatuses: [status('i', '2')] }),
    1000,
  ],
  [
    'what the pod as a whole has in force',
    podOf(
      { resources: { requests: { cpu: '1' } } },
      { resources: { requests: { cpu: '2', memory: '1Gi' } }, allocatedResources: { cpu: '1' } },
    ),
    2000,
  ],
];

for (const [what, pod, millis] of cases)
  test(`a pod takes of a node ${what}`, () =>
    assert.deepEqual([...requestsOf(pod, { withStatus: true })], [['cpu', millis]]));

test('what is not asked for counts for something where nodes are compared, unless the pod asks as a whole', () => {
  const pod = podOf({ containers: [{ name: 'a' }, cpu('b', '1')] });
  const counted = nonZeroRequestsOf(pod, requestsOf(pod));
  assert.deepEqual([counted.get('cpu'), counted.get('memory')], [1100, 2 * DEFAULT_REQUESTS.get('memory')!]);
  const whole = podOf({ containers: [{ name: 'a' }], resources: { requests: { cpu: '2', memory: '1Gi' } } });
  assert.deepEqual(nonZeroRequestsOf(whole, requestsOf(whole)), requestsOf(whole));
});

test('only CPU has thousandths', () => {
  assert.deepEqual([amountOf('cpu', '1500m'), amountOf('memory', '1500m'), amountOf('cpu', 2)], [1500, 2, 2000]);
});

test('nodes are asked for what they can have', () => {
  const names = ['cpu', 'ephemeral-storage', 'hugepages-2Mi', 'attachable-volumes-csi', 'a.io/gpu', 'pods', 'gpu'];
  assert.deepEqual(names.filter(isScheduled), names.slice(0, 5));
});

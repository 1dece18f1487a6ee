import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus, Pod } from '../pods/pod.ts';
import type { Job, PodFailureRule } from './job.ts';
import { countsFailure, matchFailurePolicy } from './pod-failure-policy.ts';

const exit = (name: string, exitCode: number): ContainerStatus => ({ name, state: { terminated: { exitCode } } });

function podOf(containers: readonly ContainerStatus[], more: Pod['status'] = {}): Pod {
  return { metadata: { namespace: 'ns', name: 'p' }, spec: {}, status: { containerStatuses: containers, ...more } };
}

const jobOf = (...rules: readonly PodFailureRule[]): Job =>
  ({ metadata: { name: 'j' }, spec: { podFailurePolicy: { rules } } }) as unknown as Job;
const codes = (action: string, operator: string, values: number[], containerName?: string) =>
  ({ action, onExitCodes: { operator, values, ...(containerName && { containerName }) } }) as PodFailureRule;
const conditions = (action: string, type: string, status = 'True') =>
  ({ action, onPodConditions: [{ type, status }] }) as PodFailureRule;
const disrupted: Pod['status'] = { conditions: [{ type: 'DisruptionTarget', status: 'True' }] };

const cases: readonly [what: string, rules: readonly PodFailureRule[], pod: Pod, message: string | undefined][] = [
  ['no rule', [], podOf([exit('c', 1)]), undefined],
  [
    'one of the codes',
    [codes('FailJob', 'In', [1, 42])],
    podOf([exit('c', 42)]),
    'Container c for pod ns/p failed with exit code 42 matching FailJob rule at index 0',
  ],
  ['another code', [codes('FailJob', 'In', [42])], podOf([exit('c', 1)]), undefined],
  [
    'a code that is none of them',
    [codes('FailJob', 'NotIn', [42])],
    podOf([exit('c', 1)]),
    'Container c for pod ns/p failed with exit code 1 matching FailJob rule at index 0',
  ],
  ['a code that is one of them', [codes('FailJob', 'NotIn', [42])], podOf([exit('c', 42)]), undefined],
  ['success, which is no failure', [codes('FailJob', 'NotIn', [42])], podOf([exit('c', 0)]), undefined],
  ['a container that has not ended', [codes('FailJob', 'NotIn', [42])], podOf([{ name: 'c' }]), undefined],
  ['another container', [codes('FailJob', 'In', [1], 'd')], podOf([exit('c', 1)]), undefined],
  [
    'the container that is meant',
    [codes('FailJob', 'In', [1], 'd')],
    podOf([exit('c', 1), exit('d', 1)]),
    'Container d for pod ns/p failed with exit code 1 matching FailJob rule at index 0',
  ],
  [
    'an init container',
    [codes('FailIndex', 'In', [1])],
    podOf([], { initContainerStatuses: [exit('i', 1)] }),
    'Container i for pod ns/p failed with exit code 1 matching FailIndex rule at index 0',
  ],
  [
    'a condition, by the first rule that matches',
    [codes('FailJob', 'In', [42]), conditions('Ignore', 'DisruptionTarget'), codes('FailJob', 'In', [1])],
    podOf([exit('c', 1)], disrupted),
    'Pod ns/p has condition DisruptionTarget matching Ignore rule at index 1',
  ],
  ['a condition that is not so', [conditions('Ignore', 'DisruptionTarget', 'False')], podOf([], disrupted), undefined],
];
for (const [what, rules, pod, message] of cases)
  test(`a failure policy and ${what}`, () => assert.equal(matchFailurePolicy(jobOf(...rules), pod)?.message, message));

test('only what is ignored does not count', () => {
  const pod = podOf([exit('c', 1)]);
  const actions = ['Ignore', 'Count', 'FailIndex', 'FailJob'];
  assert.deepEqual(
    actions.map((action) => countsFailure(jobOf(codes(action, 'In', [1])), pod)),
    [false, true, true, true],
  );
  assert.equal(countsFailure(jobOf(), pod), true);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '../pod/container.ts';
import type { Pod, PodSpec } from '../pod/pod.ts';
import type { ContainerStatus, PodStatus } from '../pod/pod-status.ts';
import { PodState } from '../pod/pod-state.ts';
import type { PodRecord } from '../pod/record.ts';
import { podStatus } from './pod-status.ts';
import { qosClassOf } from './qos.ts';
import { statusPatch } from './status-patch.ts';

const NOW = Date.UTC(2026, 0, 1);
const container = (name: string, more: Partial<Container> = {}): Container => ({ name, image: 'i', ...more });

function podOf(spec: Partial<PodSpec> = {}, status?: PodStatus, deleted = false): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', uid: 'u', ...(deleted && { deletionTimestamp: '2026-01-01T00:00:00Z' }) },
    spec: { containers: [container('a'), container('b')], ...spec },
    ...(status && { status }),
  };
}

/** Plays `run NAME`, `exit NAME CODE`, `wait NAME REASON` and `probe NAME KIND RESULT`. */
function played(pod: Pod, steps: readonly string[]): PodRecord {
  const state = new PodState(pod, NOW);
  state.sandboxed(['10.244.0.2'], []);
  const ids = new Map<string, string>();
  for (const [i, step] of steps.entries()) {
    const [what, name = '', ...rest] = step.split(' ');
    if (what === 'run') {
      ids.set(name, `${name}${i}`);
      state.started(name, { id: `${name}${i}`, image: 'i', startedAt: NOW });
    } else if (what === 'exit') {
      const code = Number(rest[0]);
      state.ended(name, ids.get(name)!, { code, reason: code === 0 ? 'Completed' : 'Error', at: NOW });
    } else if (what === 'wait') state.waits(name, { reason: rest[0]!, message: 'm' });
    else state.probed(name, rest[0] as 'readiness', rest[1] as 'passed');
  }
  return state.record;
}

const probe = { exec: { command: ['true'] } };
const phases: readonly {
  readonly name: string;
  readonly spec?: Partial<PodSpec>;
  readonly steps: readonly string[];
  readonly isOver?: boolean;
  readonly phase: string;
  readonly ready?: string;
}[] = [
  { name: 'nothing began', steps: [], phase: 'Pending', ready: 'ContainersNotReady' },
  { name: 'one of two began', steps: ['run a'], phase: 'Pending', ready: 'ContainersNotReady' },
  { name: 'all run', steps: ['run a', 'run b'], phase: 'Running', ready: 'True' },
  {
    name: 'one failed and will run again',
    steps: ['run a', 'run b', 'exit b 1'],
    phase: 'Running',
    ready: 'ContainersNotReady',
  },
  {
    name: 'one waits to run again',
    steps: ['run a', 'run b', 'exit b 1', 'wait b CrashLoopBackOff'],
    phase: 'Running',
    ready: 'ContainersNotReady',
  },
  { name: 'all ended and will run again', steps: ['run a', 'run b', 'exit a 0', 'exit b 0'], phase: 'Running' },
  {
    name: 'all ended well for good',
    spec: { restartPolicy: 'Never' },
    steps: ['run a', 'run b', 'exit a 0', 'exit b 0'],
    isOver: true,
    phase: 'Succeeded',
    ready: 'PodCompleted',
  },
  {
    name: 'one failed for good',
    spec: { restartPolicy: 'Never' },
    steps: ['run a', 'run b', 'exit a 0', 'exit b 1'],
    isOver: true,
    phase: 'Failed',
    ready: 'PodFailed',
  },
  {
    name: 'all were stopped',
    steps: ['run a', 'run b', 'exit a 143', 'exit b 143'],
    isOver: true,
    phase: 'Failed',
    ready: 'PodFailed',
  },
  {
    name: 'an init container runs',
    spec: { initContainers: [container('i')] },
    steps: ['run i'],
    phase: 'Pending',
    ready: 'ContainersNotReady',
  },
  {
    name: 'an init container failed for good',
    spec: { initContainers: [container('i')], restartPolicy: 'Never' },
    steps: ['run i', 'exit i 1'],
    phase: 'Failed',
    ready: 'PodFailed',
  },
  {
    name: 'a readiness probe has not passed',
    spec: { containers: [container('a', { readinessProbe: probe })] },
    steps: ['run a'],
    phase: 'Running',
    ready: 'ContainersNotReady',
  },
  {
    name: 'a readiness probe passed',
    spec: { containers: [container('a', { readinessProbe: probe })] },
    steps: ['run a', 'probe a readiness passed'],
    phase: 'Running',
    ready: 'True',
  },
  {
    name: 'a sidecar still starts',
    spec: { initContainers: [container('s', { restartPolicy: 'Always', startupProbe: probe })] },
    steps: ['run s'],
    phase: 'Pending',
    ready: 'ContainersNotReady',
  },
];

for (const { name, spec, steps, isOver = false, phase, ready } of phases)
  test(`the phase when ${name}`, () => {
    const pod = podOf(spec);
    const status = podStatus(pod, played(pod, steps), { hostIPs: ['127.0.0.1'], now: NOW, isOver });
    assert.equal(status.phase, phase);
    const condition = status.conditions!.find(({ type }) => type === 'Ready')!;
    if (ready !== undefined) assert.equal(condition.reason ?? condition.status, ready);
  });

const states: readonly { readonly name: string; readonly steps: readonly string[]; readonly state: string }[] = [
  { name: 'before it begins', steps: [], state: 'waiting ContainerCreating' },
  { name: 'when it cannot begin', steps: ['wait a ErrImagePull'], state: 'waiting ErrImagePull' },
  { name: 'while it runs', steps: ['run a'], state: 'running' },
  { name: 'when it ended', steps: ['run a', 'exit a 3'], state: 'terminated 3' },
  {
    name: 'when it waits to run again',
    steps: ['run a', 'exit a 3', 'wait a CrashLoopBackOff'],
    state: 'waiting CrashLoopBackOff, before terminated 3',
  },
  {
    name: 'when it runs again',
    steps: ['run a', 'exit a 3', 'run a'],
    state: 'running, before terminated 3, 1 restarts',
  },
];
for (const { name, steps, state } of states)
  test(`the state of a container ${name}`, () => {
    const pod = podOf();
    const { containerStatuses } = podStatus(pod, played(pod, steps), { hostIPs: [], now: NOW, isOver: false });
    assert.equal(describeState(containerStatuses![0]!), state);
  });

function describeState({ state, lastState, restartCount }: ContainerStatus): string {
  const one = (of: ContainerStatus['state']): string =>
    of?.running
      ? 'running'
      : of?.terminated
        ? `terminated ${of.terminated.exitCode}`
        : `waiting ${of?.waiting?.reason}`;
  const before = lastState?.terminated ? `, before ${one(lastState)}` : '';
  return one(state) + before + (restartCount > 0 ? `, ${restartCount} restarts` : '');
}

test('a sidecar that starts late does not take a pod back that has started', () => {
  const pod = podOf({ initContainers: [container('s', { restartPolicy: 'Always', startupProbe: probe })] });
  const status = podStatus(pod, played(pod, ['run s', 'run a', 'run b']), { hostIPs: [], now: NOW, isOver: false });
  assert.equal(status.phase, 'Running');
});

test('the signal that ended a container is told, and of one that ended by itself none', () => {
  const pod = podOf();
  const state = new PodState(pod, NOW);
  for (const [name, signal] of [
    ['a', 9],
    ['b', undefined],
  ] as const) {
    state.started(name, { id: name, image: 'i', startedAt: NOW });
    state.ended(name, name, { code: 137, reason: 'Error', at: NOW, ...(signal !== undefined && { signal }) });
  }
  const { containerStatuses } = podStatus(pod, state.record, { hostIPs: [], now: NOW, isOver: false });
  const signals = containerStatuses!.map(({ state: { terminated } = {} }) => terminated && 'signal' in terminated);
  assert.deepEqual([signals, containerStatuses![0]!.state?.terminated?.signal], [[true, false], 9]);
});

test('a condition keeps the time of its transition as long as its status is the same', () => {
  const pod = podOf({ containers: [container('a')] });
  const input = { hostIPs: [], isOver: false };
  const before = podStatus(pod, played(pod, []), { ...input, now: NOW });
  const written = podOf({ containers: [container('a')] }, before);
  const after = podStatus(written, played(written, ['run a']), { ...input, now: NOW + 60_000 });
  const timeOf = (type: string) => after.conditions!.find((one) => one.type === type)!.lastTransitionTime;
  assert.equal(timeOf('PodScheduled'), '2026-01-01T00:00:00Z');
  assert.equal(timeOf('Ready'), '2026-01-01T00:01:00Z');
});

for (const [what, conditions, ready] of [
  ['is missing', [], 'False ReadinessGatesNotReady'],
  ['is false', [{ type: 'example.com/fed', status: 'False' }], 'False ReadinessGatesNotReady'],
  ['is true', [{ type: 'example.com/fed', status: 'True' }], 'True'],
] as const)
  test(`a pod with a readiness gate whose condition ${what}`, () => {
    const spec = { containers: [container('a')], readinessGates: [{ conditionType: 'example.com/fed' }] };
    const pod = podOf(spec, { conditions: [...conditions] as never });
    const status = podStatus(pod, played(pod, ['run a']), { hostIPs: [], now: NOW, isOver: false });
    const found = status.conditions!.find(({ type }) => type === 'Ready')!;
    assert.equal([found.status, found.reason].filter(Boolean).join(' '), ready);
  });

test('what ran when the node was away has ended, and waits are forgotten', () => {
  const running: ContainerStatus = {
    name: 'a',
    image: 'i',
    imageID: 'i',
    containerID: 'nekube://1',
    ready: true,
    restartCount: 2,
    state: { running: { startedAt: '2025-12-31T00:00:00Z' } },
  };
  const waiting: ContainerStatus = {
    ...running,
    name: 'b',
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode: 1, reason: 'Error' } },
  };
  const pod = podOf({}, { phase: 'Running', containerStatuses: [running, waiting] });
  const { containers } = new PodState(pod, NOW).record;
  assert.deepEqual(containers.get('a')?.current?.exit, { code: 255, reason: 'Unknown', at: NOW });
  assert.equal(containers.get('b')?.current?.exit?.code, 1);
  assert.equal(containers.get('b')?.waiting, undefined);
});

test('a patch has what changed, the uid, and whole lists of addresses; none where nothing did', () => {
  const pod = podOf();
  const input = { hostIPs: ['127.0.0.1'], now: NOW, isOver: false };
  const status = podStatus(pod, played(pod, ['run a', 'run b']), input);
  const patch = statusPatch(pod, status) as { metadata: object; status: { podIPs: object[] } };
  assert.deepEqual(patch.metadata, { uid: 'u' });
  assert.deepEqual(patch.status.podIPs, [{ $patch: 'replace' }, { ip: '10.244.0.2' }]);
  const written = podOf({}, status);
  assert.equal(statusPatch(written, podStatus(written, played(pod, ['run a', 'run b']), input)), undefined);
  const later = podStatus(written, played(pod, ['run a', 'run b', 'exit b 1']), { ...input, now: NOW + 1000 });
  const change = statusPatch(written, later) as { status: { conditions: { type: string }[] } };
  assert.deepEqual(
    change.status.conditions.map(({ type }) => type),
    ['Ready', 'ContainersReady'],
  );
});

const classes: readonly { readonly name: string; readonly spec: Partial<PodSpec>; readonly qos: string }[] = [
  { name: 'without requests', spec: {}, qos: 'BestEffort' },
  {
    name: 'with a request',
    spec: { containers: [container('a', { resources: { requests: { cpu: '1' } } })] },
    qos: 'Burstable',
  },
  {
    name: 'with limits that are its requests',
    spec: {
      containers: [
        container('a', {
          resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1000m', memory: '1024Mi' } },
        }),
      ],
    },
    qos: 'Guaranteed',
  },
  {
    name: 'with limits of which one is missing',
    spec: { containers: [container('a', { resources: { limits: { cpu: '1' } } })] },
    qos: 'Burstable',
  },
];
for (const { name, spec, qos } of classes)
  test(`the quality of service of a pod ${name}`, () => {
    assert.equal(qosClassOf(podOf(spec)), qos);
  });

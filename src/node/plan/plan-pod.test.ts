import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '../pod/container.ts';
import type { Pod, PodSpec } from '../pod/pod.ts';
import type { ContainerRecord, PodRecord } from '../pod/record.ts';
import { planPod } from './plan-pod.ts';

/** What is known of containers: `run`, `exit N`, or with what probes found: `run startup=passed liveness=failed`. */
type Known = Readonly<Record<string, string>>;

interface Case {
  readonly name: string;
  readonly spec?: Partial<PodSpec>;
  readonly known?: Known;
  /** False: it has no network yet. */
  readonly sandbox?: boolean;
  /** What is to be done: `+name` to start, `-name` to stop, `over`. */
  readonly plan: string;
  readonly message?: string;
}

const probe = { exec: { command: ['true'] } };
const init = (name: string, more: Partial<Container> = {}): Container => ({ name, image: 'i', ...more });
const side = (name: string, more: Partial<Container> = {}): Container =>
  init(name, { restartPolicy: 'Always', ...more });
const two: Partial<PodSpec> = { containers: [init('a'), init('b')] };
const inits: Partial<PodSpec> = { initContainers: [init('i'), init('j')] };
const sides: Partial<PodSpec> = { initContainers: [side('s', { startupProbe: probe }), init('j')] };

const cases: readonly Case[] = [
  { name: 'a new pod gets its network and its containers', sandbox: false, plan: 'sandbox +a' },
  { name: 'a new pod begins with its first init container', sandbox: false, spec: inits, plan: 'sandbox +i' },
  { name: 'all containers start at once', spec: two, plan: '+a +b' },
  { name: 'what runs is left alone', known: { a: 'run' }, plan: '' },
  { name: 'what failed is started again', known: { a: 'exit 1' }, plan: '+a' },
  { name: 'what ended well is, too, where the pod says always', known: { a: 'exit 0' }, plan: '+a' },
  { name: 'not where it says on failure', spec: { restartPolicy: 'OnFailure' }, known: { a: 'exit 0' }, plan: 'over' },
  { name: 'what failed is, on failure', spec: { restartPolicy: 'OnFailure' }, known: { a: 'exit 1' }, plan: '+a' },
  { name: 'nothing is where it says never', spec: { restartPolicy: 'Never' }, known: { a: 'exit 1' }, plan: 'over' },
  {
    name: 'a pod is not over as long as one of its containers runs',
    spec: { ...two, restartPolicy: 'Never' },
    known: { a: 'exit 0', b: 'run' },
    plan: '',
  },
  {
    name: 'rules of a container go before all policies',
    spec: {
      restartPolicy: 'Never',
      containers: [
        init('a', { restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }] }),
      ],
    },
    known: { a: 'exit 42' },
    plan: '+a',
  },
  {
    name: 'a container that does not live is stopped and started',
    spec: { containers: [init('a', { livenessProbe: probe })] },
    known: { a: 'run liveness=failed' },
    plan: '-a +a',
    message: 'Container a failed liveness probe, will be restarted',
  },
  {
    name: 'a container that does not start is stopped, and where the pod says never that was it',
    spec: { restartPolicy: 'Never', containers: [init('a', { startupProbe: probe })] },
    known: { a: 'run startup=failed' },
    plan: 'over -a',
    message: 'Container a failed startup probe',
  },
  {
    name: 'a container with another image than it runs is stopped and started',
    known: { a: 'run image=old' },
    plan: '-a +a',
    message: 'Container a definition changed, will be restarted',
  },
  { name: 'init containers run one after the other', spec: inits, known: { i: 'run' }, plan: '' },
  { name: 'the next begins when one is done', spec: inits, known: { i: 'exit 0' }, plan: '+j' },
  { name: 'one that failed is tried again', spec: inits, known: { i: 'exit 1' }, plan: '+i' },
  {
    name: 'one that failed for good ends the pod',
    spec: { ...inits, restartPolicy: 'Never' },
    known: { i: 'exit 1' },
    plan: 'over',
  },
  { name: 'after the last come the containers', spec: inits, known: { i: 'exit 0', j: 'exit 0' }, plan: '+a' },
  { name: 'the last alone is decisive', spec: inits, known: { j: 'exit 0' }, plan: '+a' },
  { name: 'what is behind a sidecar waits until it has started', spec: sides, known: { s: 'run' }, plan: '' },
  { name: 'and begins then', spec: sides, known: { s: 'run startup=passed' }, plan: '+j' },
  {
    name: 'a sidecar that ends is started again, also beside containers',
    spec: sides,
    known: { s: 'exit 0', j: 'exit 0', a: 'run' },
    plan: '+s',
  },
  {
    name: 'a sidecar keeps no pod alive',
    spec: { ...sides, restartPolicy: 'Never' },
    known: { s: 'run startup=passed', j: 'exit 0', a: 'exit 0' },
    plan: 'over',
  },
  {
    name: 'after the node was away, a pod that may not run again is over',
    sandbox: false,
    spec: { restartPolicy: 'Never' },
    known: { a: 'exit 255' },
    plan: 'over',
  },
  { name: 'and any other begins anew', sandbox: false, spec: inits, known: { a: 'exit 255' }, plan: 'sandbox +i' },
  {
    name: 'a container for debugging starts whenever it is there, and once',
    spec: { ...inits, ephemeralContainers: [init('d'), init('e')] },
    known: { i: 'run', d: 'exit 0' },
    plan: '+e',
  },
];

for (const { name, spec, known = {}, sandbox = true, plan, message } of cases)
  test(name, () => {
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [init('a')], ...spec },
    };
    const found = planPod(pod, record(known, sandbox));
    const words = [
      ...(found.isOver ? ['over'] : []),
      ...(found.needsSandbox ? ['sandbox'] : []),
      ...found.stops.map(({ container }) => `-${container.name}`),
      ...found.starts.map((container) => `+${container.name}`),
    ];
    assert.equal(words.join(' '), plan);
    if (message !== undefined) assert.equal(found.stops[0]?.message, message);
  });

function record(known: Known, hasSandbox: boolean): PodRecord {
  const containers = Object.entries(known).map(([name, text]) => [name, containerRecord(name, text)] as const);
  return { hasSandbox, ips: [], containers: new Map(containers) };
}

function containerRecord(name: string, text: string): ContainerRecord {
  const [state, ...found] = text.split(' ');
  const values = Object.fromEntries(found.filter((one) => one.includes('=')).map((one) => one.split('=')));
  const { image = 'i', ...probes } = values as Record<string, 'passed' | 'failed'> & { image?: string };
  const code = Number(found[0]);
  const exit = state === 'exit' ? { exit: { code, reason: code === 0 ? 'Completed' : 'Error', at: 2 } } : {};
  return { name, restartCount: 0, current: { id: name, image, startedAt: 1, ...exit }, ...probes };
}

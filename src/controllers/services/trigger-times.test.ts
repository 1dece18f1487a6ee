import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../pods/pod.ts';
import type { Service } from './service.ts';
import { TriggerTimes } from './trigger-times.ts';

const at = (second: number): string => `2030-01-01T00:00:0${second}Z`;

function service(second: number): Service {
  return { metadata: { namespace: 'default', name: 'web', creationTimestamp: at(second) }, spec: {} } as Service;
}

/** Pods that became ready, or were no longer, at these seconds. */
function pods(seconds: Readonly<Record<string, number>>): Pod[] {
  return Object.entries(seconds).map(([name, second]) => ({
    metadata: { name },
    spec: {},
    status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at(second) }] },
  }));
}

const cases: readonly {
  readonly name: string;
  readonly looks: readonly { readonly pods: Readonly<Record<string, number>>; readonly service?: number }[];
  readonly last: number | undefined;
}[] = [
  { name: 'a new service is written for its making', looks: [{ pods: { a: 5 } }], last: 3 },
  { name: 'pods that come are written for the earliest', looks: [{ pods: {} }, { pods: { a: 5, b: 4 } }], last: 4 },
  {
    name: 'of pods those that changed count',
    looks: [{ pods: { a: 1, b: 2, c: 3 } }, { pods: { a: 7, b: 6, c: 3 } }],
    last: 6,
  },
  { name: 'nothing new is written for nothing', looks: [{ pods: { a: 1 } }, { pods: { a: 1 } }], last: undefined },
  {
    name: 'a pod that went and came is new',
    looks: [{ pods: { a: 1, b: 2 } }, { pods: { a: 1 } }, { pods: { a: 1, b: 6 } }],
    last: 6,
  },
  { name: 'a service that was made anew counts', looks: [{ pods: { a: 1 } }, { pods: { a: 1 }, service: 8 }], last: 8 },
];

for (const { name, looks, last } of cases)
  test(name, () => {
    const times = new TriggerTimes();
    const seen = looks.map((look) => times.triggerOf(service(look.service ?? 3), pods(look.pods)));
    assert.equal(seen.at(-1), last === undefined ? undefined : at(last));
  });

test('a service that is forgotten is new', () => {
  const times = new TriggerTimes();
  times.triggerOf(service(3), []);
  times.forget({ namespace: 'default', name: 'web' });
  assert.equal(times.triggerOf(service(4), pods({ a: 9 })), at(4));
});

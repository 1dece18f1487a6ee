import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeStatus } from './merge-status.ts';

const options = { controllerName: 'ours', now: '2026-02-02T00:00:00Z' };
const [BEFORE, NOW] = ['2026-01-01T00:00:00Z', options.now];
const accepted = { type: 'Accepted', status: 'True' as const, reason: 'Accepted', message: '', observedGeneration: 1 };
const foreign = { type: 'example.com/Seen', status: 'True', reason: 'Seen', message: '', lastTransitionTime: BEFORE };
const at = (condition: object, lastTransitionTime: string): object => ({ ...condition, lastTransitionTime });
const entry = (controllerName: string, name: string, ...conditions: object[]): object => ({
  parentRef: { name },
  controllerName,
  conditions,
});

interface Case {
  readonly name: string;
  readonly current?: object;
  readonly wanted?: object;
  readonly merged: object | undefined;
}

const cases: readonly Case[] = [
  {
    name: 'a first condition has the time of now',
    wanted: { conditions: [accepted] },
    merged: { conditions: [at(accepted, NOW)] },
  },
  {
    name: 'what is there already is not written again',
    current: { conditions: [foreign, at(accepted, BEFORE)] },
    wanted: { conditions: [accepted] },
    merged: undefined,
  },
  {
    name: 'a condition whose status stays keeps its time, whatever else changes',
    current: { conditions: [at(accepted, BEFORE)] },
    wanted: { conditions: [{ ...accepted, reason: 'Other', observedGeneration: 2 }] },
    merged: { conditions: [at({ ...accepted, reason: 'Other', observedGeneration: 2 }, BEFORE)] },
  },
  {
    name: 'a condition of ours that is not wanted goes, one of others stays',
    current: { conditions: [at({ ...accepted, type: 'PartiallyInvalid' }, BEFORE), foreign] },
    wanted: { conditions: [accepted] },
    merged: { conditions: [foreign, at(accepted, NOW)] },
  },
  {
    name: 'listeners have conditions of others, and go with what is of them',
    current: {
      listeners: [
        { name: 'http', attachedRoutes: 0, conditions: [at(accepted, BEFORE), foreign] },
        { name: 'old', attachedRoutes: 0, conditions: [foreign] },
      ],
    },
    wanted: { listeners: [{ name: 'http', attachedRoutes: 1, conditions: [accepted] }] },
    merged: { listeners: [{ name: 'http', attachedRoutes: 1, conditions: [at(accepted, BEFORE), foreign] }] },
  },
  {
    name: 'entries of other controllers stay where they are',
    current: { parents: [entry('ours', 'a', at(accepted, BEFORE)), entry('theirs', 'a', foreign), entry('ours', 'b')] },
    wanted: { parents: [entry('ours', 'c', accepted), entry('ours', 'a', accepted)] },
    merged: {
      parents: [
        entry('ours', 'a', at(accepted, BEFORE)),
        entry('theirs', 'a', foreign),
        entry('ours', 'c', at(accepted, NOW)),
      ],
    },
  },
  {
    name: 'another section is another parent',
    current: { parents: [{ ...entry('ours', 'a', at(accepted, BEFORE)), parentRef: { name: 'a', sectionName: 's' } }] },
    wanted: { parents: [entry('ours', 'a', accepted)] },
    merged: { parents: [entry('ours', 'a', at(accepted, NOW))] },
  },
  {
    name: 'of an object that is none of ours any longer our entries go',
    current: { parents: [entry('ours', 'a'), entry('theirs', 'a', foreign)] },
    merged: { parents: [entry('theirs', 'a', foreign)] },
  },
  {
    name: 'of a Gateway that is none of ours any longer all stays: the class has another controller',
    current: { conditions: [at(accepted, BEFORE)], listeners: [] },
    merged: undefined,
  },
  { name: 'nothing of nothing is nothing', merged: undefined },
  {
    name: 'a field that is undefined goes',
    current: { addresses: [{ type: 'IPAddress', value: '10.0.0.1' }] },
    wanted: { addresses: undefined },
    merged: {},
  },
  {
    name: 'there are sixteen ancestors at most',
    wanted: { ancestors: Array.from({ length: 20 }, (_, i) => entry('ours', `a${i}`)) },
    merged: { ancestors: Array.from({ length: 16 }, (_, i) => entry('ours', `a${i}`)) },
  },
];

for (const { name, current, wanted, merged } of cases) {
  test(`a status: ${name}`, () => {
    assert.deepEqual(mergeStatus(current as never, wanted as never, options), merged);
  });
}

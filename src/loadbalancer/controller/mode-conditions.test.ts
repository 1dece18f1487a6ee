import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from 'nekube/network';
import type { ModeCondition } from '../services/modes.ts';
import { conditionToWrite } from './mode-conditions.ts';

const NOW = Date.UTC(2030, 0, 1);
const TYPE = 'loadbalancer.nekube.dev/Mode';
const AS_ASKED: ModeCondition = { type: TYPE, status: 'True', reason: 'AsAsked', message: 'It is balanced by snat' };
const FELL: ModeCondition = { type: TYPE, status: 'False', reason: 'FallsBackToSNAT', message: 'why' };

function service(annotations: Record<string, string>, conditions: readonly object[] = []): Service {
  const metadata = { namespace: 'default', name: 'web', annotations, generation: 3 };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: {}, status: { conditions } } as unknown as Service;
}

const ASKS = { 'loadbalancer.nekube.dev/mode': 'snat' };
const by = (node: string): ModeCondition => ({ ...FELL, message: `on node ${node}: why` });
const since = (condition: ModeCondition, lastTransitionTime: string) => ({ ...condition, lastTransitionTime });

const CASES: { name: string; of: Service; condition: ModeCondition; since?: string }[] = [
  {
    name: 'of a Service that asked for nothing and has what all have nothing is said',
    of: service({}),
    condition: AS_ASKED,
  },
  {
    name: 'a Service that asked for a mode is told',
    of: service(ASKS),
    condition: AS_ASKED,
    since: '2030-01-01T00:00:00Z',
  },
  { name: 'a Service that has another mode is told', of: service({}), condition: FELL, since: '2030-01-01T00:00:00Z' },
  {
    name: 'what is said already is not written again',
    of: service({}, [since(by('n1'), '2029-01-01T00:00:00Z')]),
    condition: FELL,
  },
  {
    name: 'what another node says is not taken back',
    of: service(ASKS, [since(by('n2'), '2029-01-01T00:00:00Z')]),
    condition: AS_ASKED,
  },
  {
    name: 'what another node says already is not said twice',
    of: service({}, [since(by('n2'), '2029-01-01T00:00:00Z')]),
    condition: FELL,
  },
  {
    name: 'what a node has said that is gone is taken back',
    of: service({}, [since(by('gone'), '2029-01-01T00:00:00Z')]),
    ...{ condition: AS_ASKED, since: '2030-01-01T00:00:00Z' },
  },
  {
    name: 'another reason of the same status keeps its time',
    of: service({}, [since({ ...FELL, reason: 'FallsBackToGeneve' }, '2029-01-01T00:00:00Z')]),
    ...{ condition: FELL, since: '2029-01-01T00:00:00Z' },
  },
  {
    name: 'that it is over is told to who was told before',
    of: service({}, [since(by('n1'), '2029-01-01T00:00:00Z')]),
    ...{ condition: AS_ASKED, since: '2030-01-01T00:00:00Z' },
  },
];

for (const { name, of, condition, since: lastTransitionTime } of CASES)
  test(name, () => {
    const own = condition.status === 'False' ? by('n1') : condition;
    const expected = lastTransitionTime && { ...own, observedGeneration: 3, lastTransitionTime };
    const isNode = (one: string) => one !== 'gone';
    assert.deepEqual(conditionToWrite(of, condition, { now: NOW, node: 'n1', isNode }), expected);
  });

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from 'nekube/apimachinery';
import type { AdmissionAttributes } from '../admission.ts';
import { eventRateLimit } from './event-rate-limit.ts';
import type { PluginDeps } from './plugin-deps.ts';

const CONFIGURATION = { apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1', kind: 'Configuration' };

/** A plugin with these limits, and a clock that is moved by hand. */
function pluginWith(...limits: readonly JsonObject[]) {
  let ms = 0;
  const configurations = new Map([['EventRateLimit', { ...CONFIGURATION, limits } as unknown as JsonObject]]);
  const plugin = eventRateLimit({ configurations, now: () => new Date(ms) } as unknown as PluginDeps);
  const send = (event: Partial<AdmissionAttributes> = {}): string => {
    const kind = { group: '', version: 'v1', kind: 'Event' };
    const attributes = { operation: 'CREATE', kind, namespace: 'ns', user: { name: 'u', groups: [] }, ...event };
    try {
      plugin.validate!(attributes as AdmissionAttributes);
      return 'ok';
    } catch (error) {
      return (error as Error).message;
    }
  };
  return { send, pass: (more: number) => void (ms += more) };
}

test('so many at once, and then as fast as the rate', () => {
  const { send, pass } = pluginWith({ type: 'Server', qps: 2, burst: 3 });
  assert.deepEqual([send(), send(), send()], ['ok', 'ok', 'ok']);
  assert.equal(send(), 'Too many requests: limit reached on type Server for key ');
  pass(400);
  assert.notEqual(send(), 'ok');
  pass(100);
  assert.equal(send(), 'ok');
  assert.notEqual(send(), 'ok');
  pass(60_000);
  assert.deepEqual([send(), send(), send()], ['ok', 'ok', 'ok']);
  assert.notEqual(send(), 'ok');
});

test('each namespace and each user has his own', () => {
  const { send } = pluginWith({ type: 'Namespace', qps: 1, burst: 1 }, { type: 'User', qps: 1, burst: 2 });
  assert.equal(send(), 'ok');
  assert.equal(send(), 'Too many requests: limit reached on type Namespace for key ns');
  const why = 'limit reached on type Namespace for key ns, limit reached on type User for key u';
  assert.equal(send(), `Too many requests: [${why}]`);
  assert.equal(send({ namespace: 'other', user: { name: 'v', groups: [] } }), 'ok');
});

test('what was not used for longest is forgotten', () => {
  const { send } = pluginWith({ type: 'Namespace', qps: 1, burst: 1, cacheSize: 2 });
  assert.deepEqual(
    ['a', 'b', 'a', 'c', 'b'].map((namespace) => send({ namespace }) === 'ok'),
    [true, true, false, true, true],
  );
});

const uncounted: readonly [name: string, event: Partial<AdmissionAttributes>][] = [
  ['a dry run', { dryRun: true }],
  ['an event of the newer API', { kind: { group: 'events.k8s.io', version: 'v1', kind: 'Event' } }],
  ['a deletion', { operation: 'DELETE' }],
];
for (const [name, event] of uncounted)
  test(`${name} is not counted`, () => {
    const { send } = pluginWith({ type: 'Server', qps: 1, burst: 1 });
    assert.deepEqual([send(event), send(event), send()], ['ok', 'ok', 'ok']);
  });

for (const limits of [[], [{ type: 'Odd', qps: 1, burst: 1 }], [{ type: 'User', qps: 0, burst: 1 }]])
  test(`${JSON.stringify(limits)} are no limits`, () => assert.throws(() => pluginWith(...limits)));

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HealthCheck, HealthChecks, type HealthReply } from './health-checks.ts';

const bad: HealthCheck = () => Promise.reject(new Error('no connection'));
const good: HealthCheck = () => {};

const CASES: readonly { name: string; checks: Record<string, HealthCheck>; at: string; reply: HealthReply }[] = [
  { name: 'without checks all is well', checks: {}, at: '/', reply: { status: 200, text: 'ok' } },
  {
    name: 'without checks there is one that always succeeds',
    checks: {},
    at: '/?verbose',
    reply: { status: 200, text: '[+]ping ok\nhealthz check passed\n' },
  },
  {
    name: 'ping can be asked for when there is nothing else',
    checks: {},
    at: '/ping',
    reply: { status: 200, text: 'ok' },
  },
  { name: 'all checks succeed', checks: { b: good, a: good }, at: '/', reply: { status: 200, text: 'ok' } },
  {
    name: 'told in detail, by name',
    checks: { b: good, a: good },
    at: '/?verbose=1',
    reply: { status: 200, text: '[+]a ok\n[+]b ok\nhealthz check passed\n' },
  },
  {
    name: 'a failure is told in detail, but not why',
    checks: { a: good, b: bad },
    at: '/',
    reply: { status: 500, text: '[+]a ok\n[-]b failed: reason withheld\nhealthz check failed\n' },
  },
  {
    name: 'one that is excluded is not asked',
    checks: { a: good, b: bad },
    at: '/?exclude=b&verbose',
    reply: { status: 200, text: '[+]a ok\n[+]b excluded: ok\nhealthz check passed\n' },
  },
  {
    name: 'one that is not there cannot be excluded',
    checks: { a: good },
    at: '/?exclude=c&exclude=d&verbose',
    reply: {
      status: 200,
      text: '[+]a ok\nwarn: some health checks cannot be excluded: no matches for "c","d"\nhealthz check passed\n',
    },
  },
  { name: 'one alone', checks: { a: good, b: bad }, at: '/a', reply: { status: 200, text: 'ok' } },
  { name: 'one alone, with a slash', checks: { a: good }, at: '/a/', reply: { status: 200, text: 'ok' } },
  {
    name: 'one alone says why it failed',
    checks: { b: bad },
    at: '/b',
    reply: { status: 500, text: 'internal server error: no connection\n' },
  },
  {
    name: 'one that is not there',
    checks: { a: good },
    at: '/c',
    reply: { status: 404, text: '404 page not found\n' },
  },
];

for (const { name, checks, at, reply } of CASES) {
  test(name, async () => {
    const health = new HealthChecks();
    for (const [check, ask] of Object.entries(checks)) health.add(check, ask);
    const { pathname, searchParams } = new URL(at, 'http://x');
    assert.deepEqual(await health.answer(pathname, searchParams), reply);
  });
}

test('a check that does not end has failed, and is told', async () => {
  let told = false;
  const late: (() => void)[] = [];
  const clock = {
    now: () => 0,
    elapsed: () => 0,
    after: (_ms: number, call: () => void) => (late.push(call), () => {}),
  };
  const health = new HealthChecks({ clock }).add('slow', (signal) => {
    signal.addEventListener('abort', () => (told = true));
    return new Promise(() => {});
  });
  const answer = health.answer('slow', new URLSearchParams());
  for (const call of late) call();
  assert.deepEqual(await answer, { status: 500, text: 'internal server error: no answer within 10000 ms\n' });
  assert.equal(told, true);
});

test('names of checks are parts of paths, and taken once', () => {
  const health = new HealthChecks().add('a', good);
  assert.throws(() => health.add('a', good), /there is one already/);
  assert.throws(() => health.add('a/b', good), /use letters, digits/);
});

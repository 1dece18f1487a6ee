import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from 'nekube/apimachinery';
import type { CalledWebhook, LoggedRequest } from 'nekube/envtest';
import { WebhookUses } from './webhook-uses.ts';

const PATCH = Buffer.from('[{"op":"add","path":"/a","value":1}]').toString('base64');
const NO_PATCH = Buffer.from('[]').toString('base64');
const asked = (name?: string): JsonObject => ({
  request: {
    userInfo: { username: 'operator' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    namespace: 'a',
    ...(name !== undefined && { name }),
  },
});

function call(response: JsonObject | undefined, { name, ...rest }: Partial<CalledWebhook> & { name?: string } = {}) {
  const answered = response && { response };
  return { url: 'https://hooks.a.svc:443/x', asked: asked(name), answered, tookMs: 1, ...rest };
}

function usesOf(calls: readonly CalledWebhook[]): WebhookUses {
  const uses = new WebhookUses();
  for (const one of calls) uses.note(one);
  return uses;
}

test('calls are counted by where they went, with the last failure', () => {
  const uses = usesOf([
    call({ allowed: true }),
    call({ allowed: true, patch: PATCH }),
    call({ allowed: true, patch: NO_PATCH }),
    call({ allowed: false }),
    call(undefined, { failure: 'first' }),
    call(undefined, { failure: 'last' }),
    call({ allowed: true }, { url: 'https://127.0.0.1:9443/x' }),
  ]);
  const [one, other] = ['https://hooks.a.svc:443/x', 'https://127.0.0.1:9443/x'].map((url) => uses.byUrl.get(url));
  const { calls, changed, refused, failed, failure } = one!;
  assert.deepEqual([calls, changed, refused, failed, failure], [6, 1, 1, 2, 'last']);
  assert.deepEqual([other!.calls, other!.failure], [1, undefined]);
});

test('half of the calls took no longer than the median, to within 5 %', () => {
  const times = [0, 3, 200, 7, 5];
  const { medianMs, longestMs } = usesOf(times.map((tookMs) => call({ allowed: true }, { tookMs }))).byUrl.get(
    'https://hooks.a.svc:443/x',
  )!;
  assert.ok(medianMs >= 5 && medianMs <= 5 * 1.05, String(medianMs));
  assert.equal(longestMs, 200);
});

describe('what a webhook refused is known by its request', () => {
  const cases: readonly (readonly [name: string, request: Partial<LoggedRequest>, expected: boolean])[] = [
    ['with the name', { name: 'x' }, true],
    ['without one, as the path of a creation is', { name: '' }, true],
    ['not of another object', { name: 'y' }, false],
    ['not of another namespace', { name: 'x', namespace: 'b' }, false],
    ['not of somebody else', { name: 'x', user: 'admin' }, false],
  ];
  const uses = usesOf([call({ allowed: false }, { name: 'x' }), call({ allowed: true }, { name: 'y' })]);
  for (const [name, request, expected] of cases)
    test(name, () => {
      const whole = { user: 'operator', resource: 'pods', namespace: 'a', ...request } as LoggedRequest;
      assert.equal(uses.hasRefused(whole), expected);
    });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newNotFound } from 'nekube/apimachinery';
import { createLogger, type LoggerOptions } from './create-logger.ts';
import type { Logger } from './logger.ts';

/** A logger and what it wrote. */
function recorded(options: LoggerOptions = {}): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const log = createLogger({
    now: () => Date.UTC(2026, 0, 2),
    write: (line) => lines.push(line),
    color: false,
    ...options,
  });
  return { log, lines };
}

const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'pw', namespace: 'a' },
  data: { password: 'aHVudGVyMg==' },
};

test('a line of JSON has level, time, name, message and values', () => {
  const { log, lines } = recorded();
  log
    .named('manager')
    .named('web')
    .with({ controller: 'web' })
    .info('Reconciled', { attempt: 3, size: 2n ** 60n });
  assert.deepEqual(JSON.parse(lines[0]!), {
    level: 'info',
    ts: '2026-01-02T00:00:00.000Z',
    logger: 'manager.web',
    msg: 'Reconciled',
    controller: 'web',
    attempt: 3,
    size: '1152921504606846976',
  });
});

test('a value by a name that a line has of its own is kept apart', () => {
  const { log, lines } = recorded();
  log.info('a', { msg: 'b', level: 7 });
  assert.equal(
    lines[0],
    '{"level":"info","ts":"2026-01-02T00:00:00.000Z","msg":"a","value.msg":"b","value.level":7}\n',
  );
});

test('levels below the chosen one are not written', () => {
  const { log, lines } = recorded({ level: 'warn' });
  log.info('no');
  log.debug('no');
  log.warn('yes');
  log.error(undefined, 'yes');
  assert.equal(lines.length, 2);
  assert.equal(log.enabled('info'), false);
  assert.throws(() => createLogger({ level: 'loud' as 'info' }), /must be one of error, warn, info, debug, trace/);
});

test('an error is its message, its causes and where it was made; of a Status also reason and code', () => {
  const { log, lines } = recorded();
  log.error(new Error('Cannot reconcile', { cause: new Error('no route') }), 'Reconciler error');
  const first = JSON.parse(lines[0]!) as Record<string, string>;
  assert.equal(first.error, 'Cannot reconcile: no route');
  assert.match(first.stacktrace!, /^at .*log\.test/);
  log.error(newNotFound({ group: '', resource: 'pods' }, 'a'), 'Gone');
  const { error, reason, code } = JSON.parse(lines[1]!) as Record<string, unknown>;
  assert.deepEqual({ error, reason, code }, { error: 'pods "a" not found', reason: 'NotFound', code: 404 });
});

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln';
const KEY = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG\n-----END PRIVATE KEY-----';
const HIDING: readonly (readonly [string, unknown, RegExp])[] = [
  ['a Secret', SECRET, /aHVudGVyMg/],
  ['a Secret deep in a value', { request: { object: SECRET } }, /aHVudGVyMg/],
  [
    'a Secret from a list, which does not say its kind',
    { ...SECRET, apiVersion: undefined, kind: undefined },
    /aHVudGVyMg/,
  ],
  ['a list of Secrets', { apiVersion: 'v1', kind: 'SecretList', metadata: {}, items: [SECRET] }, /aHVudGVyMg/],
  ['a header', { headers: { Authorization: 'Bearer abcdefghijkl' } }, /abcdefghijkl/],
  ['a bearer token in a text', 'curl -H "Authorization: Bearer abcdefghijkl"', /abcdefghijkl/],
  ['a JSON web token', `token is ${JWT}`, /eyJzdWIi/],
  ['a private key', KEY, /MIGHAgEAMBMG/],
  ['a private key that is cut off', KEY.slice(0, 45), /MIGHAgEAMBMG/],
  ['a kubeconfig', { users: [{ user: { 'client-key-data': 'c2VjcmV0', token: 'hunter2' } }] }, /c2VjcmV0|hunter2/],
  ['an error', new Error(`401 for Bearer abcdefghijkl`), /abcdefghijkl/],
  ['a map', new Map([['password', 'hunter2']]), /hunter2/],
];

for (const [what, value, secret] of HIDING) {
  test(`what is secret is not written: ${what}`, () => {
    for (const format of ['json', 'console'] as const) {
      const { log, lines } = recorded({ format });
      log.info('seen', { value });
      if (value instanceof Error) log.error(value, value.message);
      if (typeof value === 'string') log.info(value, { token: value });
      assert.doesNotMatch(lines.join(''), secret);
    }
  });
}

test('an object is shown by reference, a name of a secret is no secret', () => {
  const { log, lines } = recorded();
  log.info('seen', { object: { ...SECRET, kind: 'ConfigMap' }, secretName: 'tls', secretRef: { name: 'x' } });
  assert.deepEqual(JSON.parse(lines[0]!), {
    level: 'info',
    ts: '2026-01-02T00:00:00.000Z',
    msg: 'seen',
    object: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'a', name: 'pw' },
    secretName: 'tls',
    secretRef: { name: 'x' },
  });
});

test('values without end, and such that cannot be read, are written as far as they go', () => {
  const { log, lines } = recorded();
  const round: Record<string, unknown> = { name: 'round' };
  round.self = round;
  const angry = Object.defineProperty({}, 'x', { enumerable: true, get: () => assert.fail('no') });
  log.info('odd', { round, angry, many: new Array(150).fill(1), bytes: new Uint8Array(3), no: undefined });
  const { round: shown, angry: unreadable, many, bytes } = JSON.parse(lines[0]!) as Record<string, unknown>;
  assert.deepEqual(shown, { name: 'round', self: '(circular)' });
  assert.equal(unreadable, '(unreadable)');
  assert.equal((many as unknown[]).at(-1), '(50 more)');
  assert.equal(bytes, '(3 bytes)');
});

test('the form for people is one line, coloured only when asked', () => {
  const plain = recorded({ format: 'console' });
  plain.log.named('web').info('Two\nlines', { a: 1 });
  assert.equal(plain.lines[0], '2026-01-02T00:00:00.000Z INFO  web Two\\nlines a=1\n');
  const painted = recorded({ format: 'console', color: true });
  painted.log.info('x');
  assert.match(painted.lines[0]!, /\u001b\[34mINFO/);
});

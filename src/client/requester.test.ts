import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isStatusError, type StatusError } from 'nekube/apimachinery';
import type { ClientOptions } from './client.ts';
import { isConnectionError } from './errors.ts';
import { FakeClock } from './fake-clock.ts';
import { type Ask, Requester } from './requester.ts';
import { type Scripted, ScriptedTransport } from './testing/scripted-transport.ts';

const ask: Ask = {
  method: 'GET',
  path: '/api/v1/namespaces/n/pods/a?x=y',
  headers: {},
  subject: { group: '', resource: 'pods', name: 'a' },
};
const later = (seconds: number, status = 429): Scripted => ({ status, headers: { 'retry-after': String(seconds) } });
const broken = (code = 'ECONNRESET'): Error => Object.assign(new Error(code), { code });

/** What came of a request, and how long it took on a clock that is turned as it is waited for. */
async function outcomeOf(
  script: readonly Scripted[],
  options: { readonly method?: string; readonly signal?: AbortSignal; readonly client?: ClientOptions } = {},
): Promise<{ readonly result: unknown; readonly seconds: number; readonly requests: number }> {
  const clock = new FakeClock();
  const transport = new ScriptedTransport(...script);
  const requester = new Requester(transport, { clock, ...options.client });
  const { method = 'GET', signal } = options;
  let settled: unknown;
  const read = requester.read({ ...ask, method, ...(signal && { signal }) }).catch((e: unknown) => e);
  void read.then((result) => (settled = { result }));
  for (let i = 0; settled === undefined && i < 1000; i++) {
    await new Promise(setImmediate);
    if (settled === undefined) clock.tick(1000);
  }
  return { result: await read, seconds: Math.floor(clock.elapsed() / 1000), requests: transport.requests.length };
}

describe('a request is made again', () => {
  const cases: readonly {
    readonly name: string;
    readonly script: readonly Scripted[];
    readonly method?: string;
    readonly seconds: number;
    readonly fails?: RegExp;
  }[] = [
    { name: 'after the wait that the server asks for', script: [later(3), {}], seconds: 3 },
    { name: 'whatever its method', method: 'POST', script: [later(1), {}], seconds: 1 },
    { name: 'for any failure of the server with a wait', script: [later(2, 500), later(1, 503), {}], seconds: 3 },
    { name: 'at once where the wait is 0', script: [later(0), {}], seconds: 0 },
    { name: 'as a read whose connection broke', script: [broken(), broken('UND_ERR_SOCKET'), {}], seconds: 2 },
    {
      name: 'as a read whose connection broke in its answer',
      script: [{ pieces: failing('{"kind":') }, {}],
      seconds: 1,
    },
    {
      name: 'no more than ten times',
      script: Array.from({ length: 11 }, () => later(1)),
      seconds: 10,
      fails: /too many/,
    },
  ];
  for (const { name, script, method, seconds, fails } of cases)
    test(name, async () => {
      const outcome = await outcomeOf(script, { ...(method && { method }) });
      if (fails === undefined) assert.deepEqual(outcome.result, {});
      else assert.match(String(outcome.result), fails);
      assert.equal(outcome.seconds, seconds);
      assert.equal(outcome.requests, script.length);
    });
});

async function* failing(...pieces: readonly string[]): AsyncGenerator<string> {
  yield* pieces;
  throw broken();
}

describe('a request is not made again', () => {
  const cases: readonly { readonly name: string; readonly script: readonly Scripted[]; readonly method?: string }[] = [
    { name: 'without a wait', script: [{ status: 503 }] },
    {
      name: 'with a wait that is a date',
      script: [{ status: 503, headers: { 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' } }],
    },
    { name: 'for a failure of its own', script: [later(1, 404)] },
    { name: 'as a write whose connection broke', method: 'POST', script: [broken()] },
    { name: 'where no connection came about', script: [broken('ECONNREFUSED')] },
    { name: 'where the certificate is not trusted', script: [broken('SELF_SIGNED_CERT_IN_CHAIN')] },
  ];
  for (const { name, script, method } of cases)
    test(name, async () => {
      const { result, requests } = await outcomeOf([...script, {}], { ...(method && { method }) });
      assert.ok(isStatusError(result) || isConnectionError(result), String(result));
      assert.equal(requests, 1);
    });
});

test('who gives up while it is waited hears his reason', async () => {
  const controller = new AbortController();
  const transport = new ScriptedTransport(later(1000), {});
  const requester = new Requester(transport, { clock: new FakeClock() });
  const read = requester.read({ ...ask, signal: controller.signal });
  await new Promise(setImmediate);
  const reason = new Error('enough');
  controller.abort(reason);
  await assert.rejects(read, reason);
  assert.equal(transport.requests.length, 1);
});

test('who gave up before sends nothing', async () => {
  const { result, requests } = await outcomeOf([{}], { signal: AbortSignal.abort(new Error('enough')) });
  assert.equal((result as Error).message, 'enough');
  assert.equal(requests, 0);
});

describe('an answer of failure', () => {
  const plain = { 'content-type': 'text/plain; charset=utf-8' };
  const cases: readonly {
    readonly name: string;
    readonly answer: Scripted;
    readonly method?: string;
    readonly error: unknown;
  }[] = [
    {
      name: 'that is a Status is that Status',
      answer: {
        status: 404,
        body: { kind: 'Status', status: 'Failure', message: 'pods "a" not found', reason: 'NotFound' },
      },
      error: { code: 404, reason: 'NotFound', message: 'pods "a" not found', details: undefined },
    },
    {
      name: 'that is a text has the reason of its code',
      answer: { status: 404, headers: plain, body: '404 page not found\n' },
      error: {
        code: 404,
        reason: 'NotFound',
        message: 'the server could not find the requested resource (get pods a)',
        details: {
          name: 'a',
          kind: 'pods',
          causes: [{ reason: 'UnexpectedServerResponse', message: '404 page not found' }],
        },
      },
    },
    {
      name: 'of a forbidding proxy keeps its text',
      answer: { status: 403, headers: plain, body: 'go away' },
      error: {
        code: 403,
        reason: 'Forbidden',
        message: 'go away (get pods a)',
        details: { name: 'a', kind: 'pods', causes: [{ reason: 'UnexpectedServerResponse', message: 'go away' }] },
      },
    },
    {
      name: 'of a broken gateway is an InternalError with its text',
      answer: { status: 502, headers: plain, body: 'Bad Gateway' },
      error: {
        code: 502,
        reason: 'InternalError',
        message: 'an error on the server ("Bad Gateway") has prevented the request from succeeding (get pods a)',
        details: { name: 'a', kind: 'pods', causes: [{ reason: 'UnexpectedServerResponse', message: 'Bad Gateway' }] },
      },
    },
    {
      name: 'that is no text does not show it',
      answer: { status: 400, headers: { 'content-type': 'application/vnd.kubernetes.protobuf' }, body: 'k8s\0' },
      error: {
        code: 400,
        reason: 'BadRequest',
        message: 'the server rejected our request for an unknown reason (get pods a)',
        details: { name: 'a', kind: 'pods', causes: [{ reason: 'UnexpectedServerResponse', message: 'unknown' }] },
      },
    },
    {
      name: 'of a create that conflicts means that there is one',
      method: 'POST',
      answer: { status: 409, headers: plain, body: '' },
      error: {
        code: 409,
        reason: 'AlreadyExists',
        message: 'the server reported a conflict (post pods a)',
        details: { name: 'a', kind: 'pods', causes: [{ reason: 'UnexpectedServerResponse', message: '' }] },
      },
    },
    {
      name: 'of a code that says nothing',
      answer: { status: 418, headers: plain, body: 'teapot' },
      error: {
        code: 418,
        reason: 'Unknown',
        message: 'the server responded with the status code 418 but did not return more information (get pods a)',
        details: { name: 'a', kind: 'pods', causes: [{ reason: 'UnexpectedServerResponse', message: 'teapot' }] },
      },
    },
  ];
  for (const { name, answer, method, error } of cases)
    test(name, async () => {
      const { result } = await outcomeOf([answer], { ...(method && { method }) });
      assert.ok(isStatusError(result), String(result));
      const { code, reason, message, details } = (result as StatusError).status;
      assert.deepEqual({ code, reason, message, details }, error);
    });

  test('says after how long to ask again', async () => {
    const { result } = await outcomeOf(Array.from({ length: 11 }, () => later(7)));
    assert.equal((result as StatusError).status.details?.retryAfterSeconds, 7);
  });
});

test('an answer of success that is no JSON is a failure', async () => {
  const { result } = await outcomeOf([{ body: '<html>' }]);
  assert.ok(isStatusError(result));
  assert.equal((result as Error).message, 'GET /api/v1/namespaces/n/pods/a: the answer is no JSON');
});

test('the rate is that which is allowed, retries included', async () => {
  const { seconds } = await outcomeOf([later(0), later(0), later(0), {}], {
    client: { rateLimit: { perSecond: 0.5, burst: 2 } },
  });
  assert.equal(seconds, 4);
});

test('warnings are told once each, of answers of success and of failure', async () => {
  const told: string[] = [];
  const warning = [
    '299 - "old"',
    '299 - "a \\"b\\"", 299 - "grün" "Fri, 31 Dec 1999 23:59:59 GMT"',
    '199 - "not ours"',
  ];
  const headers = { warning: warning.map((value) => Buffer.from(value).toString('latin1')) };
  await outcomeOf([{ headers }], { client: { onWarning: (text) => told.push(text) } });
  assert.deepEqual(told, ['old', 'a "b"', 'grün']);
  const transport = new ScriptedTransport({ headers }, { status: 404, headers });
  const requester = new Requester(transport, { onWarning: (text) => told.push(text) });
  await requester.read(ask);
  await requester.read(ask).catch(() => {});
  assert.equal(told.length, 6);
});

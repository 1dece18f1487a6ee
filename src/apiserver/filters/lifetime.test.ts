import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { HttpResponse, RequestContext } from '../context.ts';
import { Life } from '../life.ts';
import { parseRequestInfo } from '../request-info.ts';
import { withLifetime } from './lifetime.ts';

/** What a response is told. */
class Response extends EventEmitter {
  readonly headers = new Map<string, unknown>();
  headersSent = false;
  writableEnded = false;
  destroyed = false;
  code = 0;
  text = '';

  setHeader(name: string, value: unknown): void {
    this.headers.set(name, value);
  }

  writeHead(code: number): void {
    this.headersSent = true;
    this.code = code;
  }

  end(text = ''): void {
    this.text += String(text);
    this.writableEnded = true;
  }

  destroy(): void {
    this.destroyed = true;
  }
}

function contextOf(target: string): RequestContext & { readonly response: Response } {
  const { pathname, searchParams: query } = new URL(target, 'https://x');
  const request = { complete: true, httpVersionMajor: 1, headers: {} };
  const accept = { encoding: 'json', mediaType: 'application/json', pretty: false };
  const info = parseRequestInfo('GET', pathname, query);
  const response = new Response();
  const life = new Life(response as unknown as HttpResponse);
  const context = { request, response, method: 'GET', info, query, accept, warnings: [], life };
  return context as unknown as RequestContext & { readonly response: Response };
}

const closing = new AbortController();
const lifetime = (maximumMs: number) => withLifetime({ maximumMs, closing: closing.signal, log: () => {} });
/** Work that ends only when nobody wants it any more. */
const endless = ({ life }: RequestContext): Promise<void> =>
  new Promise((resolve) => life.signal.addEventListener('abort', () => resolve(), { once: true }));

test('a request whose time is over is answered with 504, and its work is told', async () => {
  const context = contextOf('/api/v1/pods');
  let told = false;
  await lifetime(5)(context, (whole) => endless(whole).then(() => void (told = true)));
  await new Promise(setImmediate);
  assert.equal(context.response.code, 504);
  assert.equal(context.response.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(
    context.response.text,
    '{"metadata":{},"status":"Failure","message":"Timeout: request did not complete within the allotted timeout","reason":"Timeout","details":{},"code":504}\n',
  );
  assert.ok(told);
});

test('a request may ask for less time, not for more', async () => {
  for (const [target, maximumMs] of [
    ['/api/v1/pods?timeout=2ms', 3_600_000],
    ['/api/v1/pods?timeout=1h', 2],
  ] as const) {
    const context = contextOf(target);
    await lifetime(maximumMs)(context, endless);
    assert.equal(context.response.code, 504);
  }
});

test('an answer that has begun when the time is over is broken off', async () => {
  const context = contextOf('/api/v1/pods');
  await lifetime(5)(context, (whole) => {
    context.response.writeHead(200);
    return endless(whole);
  });
  assert.deepEqual([context.response.code, context.response.destroyed], [200, true]);
});

test("what fails after its time is over is nobody's concern", async () => {
  const context = contextOf('/api/v1/pods');
  await lifetime(5)(context, (whole) => endless(whole).then(() => Promise.reject(new Error('too late'))));
  assert.equal(context.response.code, 504);
});

test('a watch has no deadline, and ends when its client goes away', async () => {
  const context = contextOf('/api/v1/pods?watch=1&timeout=nonsense');
  const served = lifetime(1)(context, endless);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(context.response.code, 0);
  context.response.emit('close');
  await served;
});

test('when the server closes, all work is told', async () => {
  const ending = new AbortController();
  const filter = withLifetime({ maximumMs: 60_000, closing: ending.signal, log: () => {} });
  const all = [filter(contextOf('/api/v1/pods'), endless), filter(contextOf('/api/v1/pods?watch=1'), endless)];
  ending.abort();
  await Promise.all(all);
  await filter(contextOf('/api/v1/pods'), async ({ life }) => assert.ok(life.isOver && life.signal.aborted));
});

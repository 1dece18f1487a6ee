import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestContext } from './context.ts';
import { type Filter, pipeline } from './pipeline.ts';

const context = {} as RequestContext;

/** Notes that it was met, on the way there and on the way back. */
const noting =
  (notes: string[], name: string): Filter =>
  async (one, next) => {
    notes.push(name);
    await next(one);
    notes.push(`${name} again`);
  };

test('a request meets the filters in their order, and its answer in the other', async () => {
  const notes: string[] = [];
  const handler = async (): Promise<void> => void notes.push('handler');
  await pipeline([noting(notes, 'a'), noting(notes, 'b')], handler)(context);
  assert.deepEqual(notes, ['a', 'b', 'handler', 'b again', 'a again']);
});

test('a filter that does not hand the request on ends its way', async () => {
  const notes: string[] = [];
  const ending: Filter = async () => void notes.push('end');
  await pipeline([noting(notes, 'a'), ending, noting(notes, 'b')], async () => assert.fail())(context);
  assert.deepEqual(notes, ['a', 'end', 'a again']);
});

test('what is thrown further on can be caught before', async () => {
  const catching: Filter = async (one, next) => next(one).catch(() => {});
  await pipeline([catching], async () => Promise.reject(new Error('thrown')))(context);
});

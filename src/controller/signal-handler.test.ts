import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { type SignalSource, signalHandler } from './signal-handler.ts';

test('the first signal stops in good order, the second at once', () => {
  const codes: number[] = [];
  const source = Object.assign(new EventEmitter(), { exit: (code: number) => codes.push(code) });
  const signal = signalHandler(source as unknown as SignalSource);
  assert.equal(signal.aborted, false);
  source.emit('SIGTERM');
  assert.equal(signal.aborted, true);
  assert.deepEqual(codes, []);
  source.emit('SIGINT');
  assert.deepEqual(codes, [1]);
});

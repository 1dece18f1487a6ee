import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeaderList } from '../http/header-list.ts';
import type { ResponseMessage, ServerStream, ServerStreamHandler } from '../http/message.ts';
import { Sweeper } from '../http/sweeper.ts';
import type { Host } from '../upstream/host.ts';
import type { ChainContext, PlaneContext } from './context.ts';
import { type Decide, Exchange } from './exchange.ts';

/** An exchange whose client takes what `takes` does not throw at; what happens to it is told in `told`. */
function begin(decide: Decide, takes: (response: ResponseMessage) => void = () => {}) {
  const told: string[] = [];
  let handler: ServerStreamHandler | undefined;
  const stream: Partial<ServerStream> = {
    protocol: 'HTTP/2',
    request: { method: 'GET', authority: 'a', path: '/', headers: new HeaderList() },
    requestEnded: false,
    handle: (one) => (handler = one),
    respond(response) {
      takes(response);
      told.push(`${response.status}${response.headers.flat.map((one) => ` ${one}`).join('')}`);
    },
    write: () => true,
    end: () => void told.push('end'),
    reset: () => void told.push('reset'),
  };
  const sweeper = new Sweeper(1_000_000);
  sweeper.stop();
  const plane = { sweeper, onError: (error: unknown) => told.push((error as Error).message) };
  const chain = { name: 'c', scheme: 'http', port: 80, settings: undefined };
  const exchange = new Exchange(
    stream as ServerStream,
    plane as unknown as PlaneContext,
    chain as unknown as ChainContext,
  );
  exchange.start(decide);
  return { exchange, told, client: handler! };
}

const boom = (): never => {
  throw new Error('boom');
};
const answer = (): ResponseMessage => ({ status: 200, headers: new HeaderList() });

test('what is thrown while an answer is made ends that request alone', () => {
  const ofBackend = begin((exchange) => {
    exchange.answerChanges = { changes: [], headers: [], ofBackend: boom };
  });
  ofBackend.exchange.answerHead(answer(), true, {} as Host);
  assert.deepEqual(ofBackend.told, ['boom', '500']);
  const notTaken = begin(
    () => {},
    ({ status }) => status === 200 && boom(),
  );
  notTaken.exchange.answerHead(answer(), true, {} as Host);
  assert.deepEqual(notTaken.told, ['boom', 'reset']);
  assert.equal(notTaken.exchange.over, true);
});

test('an answer of our own that cannot be made is one without headers, and if that cannot be either the request is broken off', () => {
  const headers = ['x-bad', 'b'];
  const decide: Decide = (exchange) => {
    exchange.answerChanges = { changes: [], headers };
    exchange.reply({ status: 404 });
  };
  const withChanges = begin(decide, ({ headers: given }) => given.has('x-bad') && boom());
  assert.deepEqual(withChanges.told.slice(-1), ['reset']);
  const never = begin(decide, boom);
  assert.deepEqual(never.told, ['boom', 'reset']);
});

test('what is thrown by who takes a body, or waits for time, ends that request alone', () => {
  const { exchange, told, client } = begin(() => {});
  Object.assign(exchange.body, { data: boom });
  client.data(Buffer.from('x'));
  assert.deepEqual(told, ['boom', '500']);
  const late = begin(() => {}, boom);
  late.exchange.expire();
  assert.deepEqual(late.told, ['boom', 'reset']);
});

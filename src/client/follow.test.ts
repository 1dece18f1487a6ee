import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from './fake-clock.ts';
import { follow } from './follow.ts';
import { MODEL_KIND, ModelServer } from './testing/model-server.ts';

function setUp() {
  const clock = new FakeClock();
  const server = new ModelServer(clock);
  const stop = new AbortController();
  const told: string[] = [];
  const loop = (async () => {
    for await (const event of follow(server.client, MODEL_KIND, { clock, random: () => 0, signal: stop.signal })) {
      const { type, object, initial, missed } = event;
      const more = `${initial ? ' initial' : ''}${missed ? ' missed' : ''}`;
      told.push(`${type} ${object.metadata.name}@${object.metadata.resourceVersion}${more}`);
    }
  })();
  return { clock, server, stop, told, loop };
}

describe('following a kind', () => {
  test('goes on when watches end, break, and lose their history', async () => {
    const { clock, server, told } = setUp();
    server.put('a/one');
    server.put('a/two');
    await clock.advance(1000);
    server.endWatches();
    server.put('a/one');
    await clock.advance(1000);
    server.endWatches(new Error('broken'));
    server.delete('a/two');
    server.put('a/three');
    server.compact();
    await clock.advance(2000);
    assert.deepEqual(told, [
      'ADDED one@2 initial',
      'ADDED two@3 initial',
      'MODIFIED one@4',
      'DELETED two@3 missed',
      'ADDED three@6',
    ]);
  });

  test('ends with its signal, and leaves nothing behind', async () => {
    const { clock, server, stop, loop } = setUp();
    await clock.advance(0);
    assert.equal(server.watching, 1);
    stop.abort();
    await loop;
    assert.deepEqual([server.watching, clock.waiting], [0, 0]);
  });

  test('ends when its loop is left', async () => {
    const clock = new FakeClock();
    const server = new ModelServer(clock);
    server.put('a/one');
    for await (const { object } of follow(server.client, MODEL_KIND, { clock })) {
      assert.equal(object.metadata.name, 'one');
      break;
    }
    assert.deepEqual([server.watching, clock.waiting], [0, 0]);
  });

  test('does not begin when its signal is aborted already', async () => {
    const server = new ModelServer(new FakeClock());
    for await (const _ of follow(server.client, MODEL_KIND, { signal: AbortSignal.abort() })) assert.fail('an event');
    assert.equal(server.requests.length, 0);
  });
});

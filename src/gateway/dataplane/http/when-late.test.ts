import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { standStill } from '../testing/stand-still.ts';
import { closeServer, listen } from '../testing/world.ts';
import { whenLate } from './when-late.ts';

test('what came before the time was over is read before it is called late, however busy the process was', async (t) => {
  const server = createServer();
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect(await listen(server), '127.0.0.1');
  t.after(() => {
    client.destroy();
    return closeServer(server);
  });
  const [[socket]] = await Promise.all([accepted, once(client, 'connect')]);
  const told: string[] = [];
  const cancel = whenLate(20, () => told.push('late'));
  socket.once('data', () => {
    told.push('read');
    cancel();
  });
  client.write('x');
  standStill(100);
  await once(socket, 'data');
  await new Promise((resolve) => setTimeout(resolve, 40));
  assert.deepEqual(told, ['read']);
});

test('what does not come is late, unless nobody waits for it any more', async () => {
  const cancelled = whenLate(1, () => assert.fail('it was cancelled'));
  cancelled();
  await new Promise<void>((resolve) => void whenLate(1, resolve));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import { type Client, systemClock } from 'nekube/client';
import { CoreEventRecorder, flushCoreEvents } from './core-event-recorder.ts';

/** A client that writes events when it is let. */
function slowClient(): { readonly client: Client; readonly written: string[]; let(): void } {
  const written: string[] = [];
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const create = async (event: { readonly message: string }): Promise<object> => {
    await gate;
    written.push(event.message);
    return event;
  };
  return { client: { create } as unknown as Client, written, let: () => open() };
}

const about: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'default', name: 'one', uid: 'uid' },
};

test('all that was told by way of a client can be waited for, whoever told it', async () => {
  const { client, written, ...gate } = slowClient();
  for (const component of ['one', 'two'])
    new CoreEventRecorder(client, component, systemClock).record(about, 'Normal', 'Told', `by ${component}`);
  const other = slowClient();
  new CoreEventRecorder(other.client, 'three', systemClock).record(about, 'Normal', 'Told', 'by three');
  let isDone = false;
  const flushed = flushCoreEvents(client).then(() => {
    isDone = true;
  });
  await Promise.resolve();
  assert.equal(isDone, false);
  gate.let();
  await flushed;
  assert.deepEqual(written.toSorted(), ['by one', 'by two']);
  await flushCoreEvents(slowClient().client);
});

/**
 * A process of the embedded data plane beside the one that has the ports: it accepts from the same listening sockets, which it is
 * given, and serves the models that it is told. It ends with the other.
 */
import { Server } from 'node:net';
import { expressionsIn, prepareExpressions } from '../../model/expressions.ts';
import { EmbeddedDataPlane } from '../embedded-data-plane.ts';
import { BACKLOG, listening } from '../listeners/bind.ts';
import { type FromWorker, placeOf, type ToWorker } from './messages.ts';
import { ServedModel } from './served-model.ts';

/** Those that wait for their listening socket, by place. */
const waiting = new Map<string, (shared: Server) => void>();

const plane = new EmbeddedDataPlane({
  async bind(server, address, port) {
    const shared = await new Promise<Server>((resolve) => waiting.set(placeOf(address, port), resolve));
    await listening(server, (done) => server.listen(shared, BACKLOG, () => done()));
  },
});

// requests go on while expressions are made
const served = new ServedModel(plane, ({ gateways }) => prepareExpressions(expressionsIn(gateways)));

async function take(message: Exclude<ToWorker, { type: 'endpoints' }>, handle: unknown): Promise<void> {
  switch (message.type) {
    case 'model':
      await served.update(message.model);
      process.send?.({ served: message.sequence } satisfies FromWorker);
      return;
    case 'listen':
      if (handle instanceof Server) accept(message.place, handle);
      return;
    case 'close':
      void plane.close({ drainMs: message.drainMs }).finally(() => process.exit(0));
  }
}

function accept(place: string, shared: Server): void {
  const resolve = waiting.get(place);
  waiting.delete(place);
  if (resolve === undefined) shared.close();
  else resolve(shared);
}

/** One message after the other, but for endpoints: they wait for nothing. */
let taken = Promise.resolve();
process.on('message', (message: ToWorker, handle: unknown) => {
  if (message.type === 'endpoints') served.updateEndpoints(message.changed);
  else taken = taken.then(() => take(message, handle));
});
process.on('disconnect', () => process.exit(0));
// an interrupt on a terminal reaches all of a group: the other process decides when connections end
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

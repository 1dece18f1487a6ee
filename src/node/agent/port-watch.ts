import type { Clock } from 'nekube/client';
import type { PodAttachment } from 'nekube/network';
import type { Container } from '../pod/container.ts';
import { heardPorts, type PublishedPort, unheardMessage } from '../probes/unheard-ports.ts';

/** A program has so long to listen on its ports before it is told of that it does not. */
const PATIENCE_MS = 10_000;

/** What looks at a container's ports needs. */
export interface PortWatchOptions {
  readonly container: Container;
  readonly attachment: PodAttachment;
  readonly clock: Clock;
  /** Is told once, in the words of an event. */
  readonly tell: (message: string) => void;
}

/**
 * Looks once whether a program that has ports elsewhere than their numbers say listens there: one that was not made for that
 * listens on the number, where nobody finds it.
 *
 * @returns ends it
 */
export function watchPorts({ container, attachment, clock, tell }: PortWatchOptions): () => void {
  const ports = (container.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
  if (ports.length === 0) return () => {};
  let isOver = false;
  const cancel = clock.after(PATIENCE_MS, async () => {
    const all = await Promise.all(
      ports.map(async (port): Promise<PublishedPort> => ({ port, place: await attachment.dial(port.containerPort) })),
    );
    const elsewhere = all.filter(({ port, place }) => place.port !== port.containerPort);
    const heard = elsewhere.length === 0 ? undefined : await heardPorts();
    const message = heard && unheardMessage(elsewhere, heard);
    if (message !== undefined && !isOver) tell(message);
  });
  return () => {
    isOver = true;
    cancel();
  };
}

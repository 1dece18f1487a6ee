import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Endpoint } from 'nekube/network';
import type { ContainerPort } from '../pod/container.ts';

/** What a program is told by its environment, where its ports are not where their numbers say. */
const ADDRESS_VARIABLE = 'NEKUBE_LISTEN_ADDRESS';
/** The state of a socket that listens, in the kernel's tables; of UDP that of one which is connected to nobody. */
const LISTENING = { TCP: '0A', UDP: '07' };

/** A port of a container, and where this process would reach it. */
export interface PublishedPort {
  readonly port: ContainerPort;
  readonly place: Endpoint;
}

/** What to tell of ports on which nobody listens, though others look for them there; undefined where all is well. */
export function unheardMessage(published: readonly PublishedPort[], heard: ReadonlySet<number>): string | undefined {
  const unheard = published.filter(({ place }) => !heard.has(place.port));
  const [first] = unheard;
  if (first === undefined) return undefined;
  const { containerPort } = first.port;
  const where = unheard.map(({ port, place }) => `${port.containerPort} (${place.host}:${place.port})`).join(', ');
  const ports = unheard.length === 1 ? 'container port' : 'container ports';
  return (
    `Nobody listens where ${ports} ${where} ${unheard.length === 1 ? 'is' : 'are'} looked for: on this node the program must ` +
    `listen on $${ADDRESS_VARIABLE} and $NEKUBE_PORT_${containerPort}, or be given them by its command`
  );
}

/**
 * The ports on which somebody listens, on whatever address; undefined where that cannot be told.
 *
 * @param folder Of the kernel's tables: this machine's, or those of the network that a process is in
 */
export async function heardPorts(
  protocol: 'TCP' | 'UDP' = 'TCP',
  folder = '/proc/net',
): Promise<ReadonlySet<number> | undefined> {
  const name = protocol.toLowerCase();
  const tables = [name, `${name}6`].map((file) => readFile(join(folder, file), 'latin1').catch(() => undefined));
  const texts = (await Promise.all(tables)).filter((text) => text !== undefined);
  return texts.length === 0 ? undefined : portsIn(texts.join('\n'), LISTENING[protocol]);
}

/** The ports that the kernel's tables say somebody listens on: whose sockets are in a state. */
export function portsIn(tables: string, listening: string = LISTENING.TCP): ReadonlySet<number> {
  const lines = tables.split('\n').map((line) => line.trim().split(/\s+/));
  return new Set(
    lines.flatMap(([, local = '', , state]) =>
      state === listening ? [Number.parseInt(local.split(':')[1]!, 16)] : [],
    ),
  );
}

import { DropEvent } from '../datapath/events.ts';
import { COUNTERS } from '../datapath/maps.ts';
import { addressText, placeText } from '../maps/address.ts';
import type { PacketPlace } from './drop-owner.ts';

/** A packet that was dropped. */
export interface Drop {
  /** Rises by one with each that is told of. */
  readonly number: number;
  /** Why, by the name of the counter. */
  readonly reason: string;
  readonly protocol: string;
  /** `192.0.2.7:4000`, `[2001:db8::7]:4000`. */
  readonly source: string;
  readonly destination: string;
  readonly ifindex: number;
  /** The Service's port that the packet was for, or came from: `NAMESPACE/SERVICE:PORT`; absent where no frontend has a place of it. */
  readonly service?: string;
}

/** Packets of a Service's port that were dropped for a reason. */
export interface ServiceDrops {
  readonly service: string;
  readonly reason: string;
  readonly count: number;
}

/** How a log of drops sees the world. */
export interface DropLogOptions {
  readonly now: () => number;
  readonly write: (line: string) => void;
  /** Whose frontend is there. Default: nobody's. */
  readonly ownerOf?: (place: PacketPlace) => string | undefined;
}

/** How many are kept for those who ask. */
const KEPT = 1024;
/** Lines of the log a second. */
const LINES_PER_SECOND = 5;
const SECOND_MS = 1000;

/** Keeps the last drops, and tells of some a second in the log: of the others how many they were. */
export class DropLog {
  readonly #now: () => number;
  readonly #write: (line: string) => void;
  readonly #ownerOf: (place: PacketPlace) => string | undefined;
  readonly #counts = new Map<string, ServiceDrops>();
  readonly #drops: Drop[] = [];
  #number = 0;
  #second = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #silent = 0;

  constructor({ now, write, ownerOf = () => undefined }: DropLogOptions) {
    this.#now = now;
    this.#write = write;
    this.#ownerOf = ownerOf;
  }

  /** How many were told of, by Service and reason; of a flood only some are told of. */
  get byService(): Iterable<ServiceDrops> {
    return this.#counts.values();
  }

  /** Forgets what was counted of Services that are gone. */
  keep(services: ReadonlySet<string>): void {
    for (const [key, { service }] of this.#counts) if (!services.has(service)) this.#counts.delete(key);
  }

  /** Those after a number, the oldest first; only the last thousand are known. */
  since(number = 0): readonly Drop[] {
    return this.#drops.filter((drop) => drop.number > number);
  }

  /** Takes a record of the ring buffer. */
  add(record: Uint8Array): void {
    const drop = this.#decoded(record);
    this.#drops.push(drop);
    if (this.#drops.length > KEPT) this.#drops.shift();
    this.#count(drop);
    this.#tell(drop);
  }

  #count({ service, reason }: Drop): void {
    if (service === undefined) return;
    const key = `${service} ${reason}`;
    this.#counts.set(key, { service, reason, count: (this.#counts.get(key)?.count ?? 0) + 1 });
  }

  #tell(drop: Drop): void {
    if (this.#now() - this.#second >= SECOND_MS) {
      if (this.#silent > 0) this.#write(`${this.#silent} more packets were dropped`);
      this.#second = this.#now();
      this.#lines = 0;
      this.#silent = 0;
    }
    if (this.#lines++ < LINES_PER_SECOND) this.#write(dropText(drop));
    else this.#silent++;
  }

  #decoded(record: Uint8Array): Drop {
    const event = DropEvent.decode(record);
    const { protocol } = event;
    const placeOf = (bytes: Uint8Array, port: number): PacketPlace => ({
      address: addressText(bytes.slice(0, event.family === 4 ? 4 : 16)),
      port,
      protocol,
    });
    const source = placeOf(event.source, event.sourcePort);
    const destination = placeOf(event.destination, event.destinationPort);
    const service = this.#ownerOf(destination) ?? this.#ownerOf(source);
    return {
      number: ++this.#number,
      reason: COUNTERS[event.reason] ?? `reason ${event.reason}`,
      protocol: protocol === 6 ? 'tcp' : 'udp',
      source: placeText(source.address, source.port),
      destination: placeText(destination.address, destination.port),
      ifindex: event.ifindex,
      ...(service !== undefined && { service }),
    };
  }
}

/** `tcp 10.1.0.2:4000 > 10.96.0.10:80: drop_no_backend, of default/web:http`. */
export function dropText({ protocol, source, destination, reason, service }: Drop): string {
  const whose = service === undefined ? '' : `, of ${service}`;
  return `${protocol} ${source} > ${destination}: ${reason}${whose}`;
}

import { DropEvent } from '../datapath/events.ts';
import { COUNTERS } from '../datapath/maps.ts';
import { addressText } from '../maps/address.ts';

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
  readonly #drops: Drop[] = [];
  #number = 0;
  #second = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #silent = 0;

  constructor({ now, write }: { readonly now: () => number; readonly write: (line: string) => void }) {
    this.#now = now;
    this.#write = write;
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
    this.#tell(drop);
  }

  #tell({ reason, protocol, source, destination }: Drop): void {
    if (this.#now() - this.#second >= SECOND_MS) {
      if (this.#silent > 0) this.#write(`${this.#silent} more packets were dropped`);
      this.#second = this.#now();
      this.#lines = 0;
      this.#silent = 0;
    }
    if (this.#lines++ < LINES_PER_SECOND) this.#write(`${protocol} ${source} > ${destination}: ${reason}`);
    else this.#silent++;
  }

  #decoded(record: Uint8Array): Drop {
    const event = DropEvent.decode(record);
    const place = (bytes: Uint8Array, port: number): string => {
      const text = addressText(bytes.slice(0, event.family === 4 ? 4 : 16));
      return event.family === 4 ? `${text}:${port}` : `[${text}]:${port}`;
    };
    return {
      number: ++this.#number,
      reason: COUNTERS[event.reason] ?? `reason ${event.reason}`,
      protocol: event.protocol === 6 ? 'tcp' : 'udp',
      source: place(event.source, event.sourcePort),
      destination: place(event.destination, event.destinationPort),
      ifindex: event.ifindex,
    };
  }
}

/** What a PriorityLevelConfiguration says, in seats of this server. */
export interface LevelConfig {
  /** Everything is served at once, and counted only. */
  readonly exempt: boolean;
  /** Seats that are its own. */
  readonly nominal: number;
  /** How many of these others may use while it does not. */
  readonly lendable: number;
  /** How many of others' it may use. */
  readonly borrowable: number;
  /** Where requests wait for a seat; without it they are rejected. */
  readonly queuing?: { readonly queues: number; readonly handSize: number; readonly queueLengthLimit: number };
}

/** Why a request is not served. */
export type Rejection = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled';

/** A seat that was given; to be given back once. */
export interface Seat {
  release(): void;
}

/** Who asks for a seat: the signal is only asked for if there is none at once. */
export interface Asker {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** How a request asks for a seat. */
export interface SeatRequest {
  /** The queues of its flow; asked for only if it must wait. */
  hand(): readonly number[];
  /** How long it may wait. */
  readonly waitMs: number;
  readonly asker: Asker;
}

/** Somebody who waits for a seat. */
interface Waiting {
  readonly seated: (seat: Seat) => void;
}

interface Queue {
  readonly waiting: Waiting[];
  /** The virtual time at which its next request may start. */
  start: number;
}

/**
 * One priority level: seats, and the queues in which requests wait for them.
 *
 * Queues get seats by start-time fair queuing, each the same share: a queue that was empty starts at the time of the
 * level, so it waits for no more than one request of each other queue, however long these are.
 */
export class PriorityLevel {
  readonly name: string;
  #config: LevelConfig;
  readonly #peers: () => Iterable<PriorityLevel>;
  readonly #queues = new Map<number, Queue>();
  /** Requests that hold seats: of this level's own, and of others'. */
  #own = 0;
  #borrowed = 0;
  /** Seats of this level that others hold. */
  #lent = 0;
  #waiting = 0;
  #time = 0;

  /** @param peers all levels, for seats to borrow */
  constructor(name: string, config: LevelConfig, peers: () => Iterable<PriorityLevel>) {
    this.name = name;
    this.#config = config;
    this.#peers = peers;
  }

  /** How it is configured; when it grows, some who wait are seated. */
  get config(): LevelConfig {
    return this.#config;
  }

  set config(config: LevelConfig) {
    this.#config = config;
    this.seatWaiting();
  }

  /** Requests that are being served. */
  get executing(): number {
    return this.#own + this.#borrowed;
  }

  /** Requests that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** A seat at once, a seat in time, or why there is none. */
  take(request: SeatRequest): Seat | Rejection | Promise<Seat | Rejection> {
    const seat = this.#waiting === 0 ? this.#seat() : undefined;
    if (seat !== undefined) return seat;
    const { queuing } = this.#config;
    if (queuing === undefined) return 'concurrency-limit';
    const queue = this.#shortest(request.hand());
    if (queue.waiting.length >= queuing.queueLengthLimit) return 'queue-full';
    return this.#wait(queue, request);
  }

  #shortest(hand: readonly number[]): Queue {
    const queues = hand.map((index) => this.#queue(index));
    return queues.reduce((best, queue) => (queue.waiting.length < best.waiting.length ? queue : best));
  }

  #queue(index: number): Queue {
    let queue = this.#queues.get(index);
    if (queue === undefined) this.#queues.set(index, (queue = { waiting: [], start: this.#time }));
    return queue;
  }

  #wait(queue: Queue, { waitMs, asker }: SeatRequest): Promise<Seat | Rejection> {
    const { signal } = asker;
    return new Promise((resolve) => {
      const leave = (why: Rejection) => () => {
        queue.waiting.splice(queue.waiting.indexOf(waiting), 1);
        this.#waiting--;
        settle();
        resolve(why);
      };
      const cancelled = leave('cancelled');
      const timer = setTimeout(leave('time-out'), waitMs);
      const settle = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', cancelled);
      };
      const waiting: Waiting = { seated: (seat) => (settle(), resolve(seat)) };
      if (queue.waiting.length === 0) queue.start = Math.max(queue.start, this.#time);
      queue.waiting.push(waiting);
      this.#waiting++;
      signal.addEventListener('abort', cancelled, { once: true });
      if (signal.aborted) cancelled();
    });
  }

  /** Gives seats to those who wait, as far as there are any. */
  seatWaiting(): void {
    while (this.#waiting > 0) {
      const seat = this.#seat();
      if (seat === undefined) return;
      this.#next().seated(seat);
    }
  }

  /** The one who waits at the head of the queue whose turn it is. */
  #next(): Waiting {
    let first: Queue | undefined;
    for (const queue of this.#queues.values())
      if (queue.waiting.length > 0 && (first === undefined || queue.start < first.start)) first = queue;
    this.#time = first!.start;
    first!.start++;
    this.#waiting--;
    return first!.waiting.shift()!;
  }

  /** A free seat: of its own, else one that another level does not need. */
  #seat(): Seat | undefined {
    // a level that has no seat left still serves one request at a time
    if (this.#config.exempt || this.#own + this.#lent < this.#config.nominal || this.executing === 0) {
      this.#own++;
      return this.#given(() => void this.#own--);
    }
    if (this.#borrowed >= this.#config.borrowable) return undefined;
    for (const peer of this.#peers()) {
      if (peer === this || !peer.#mayLend()) continue;
      peer.#lent++;
      this.#borrowed++;
      return this.#given(() => {
        peer.#lent--;
        this.#borrowed--;
        peer.seatWaiting();
      });
    }
    return undefined;
  }

  #mayLend(): boolean {
    const { exempt, nominal, lendable } = this.#config;
    return !exempt && this.#waiting === 0 && this.#lent < lendable && this.#own + this.#lent < nominal;
  }

  #given(giveBack: () => void): Seat {
    let held = true;
    return {
      release: () => {
        if (!held) return;
        held = false;
        giveBack();
        this.seatWaiting();
        // a seat of this level that nobody here wants may be what somebody waits for elsewhere
        for (const peer of this.#peers()) if (peer !== this && peer.#waiting > 0) peer.seatWaiting();
      },
    };
  }
}

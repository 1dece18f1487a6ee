import { RESOURCE_TYPES } from '../resources/resource-types.ts';
import type { Resource } from '../resources/resource.ts';
import { Snapshot } from '../resources/snapshot.ts';
import { NodeRecord } from '../server/node-record.ts';
import type { Wants } from '../server/request.ts';
import type { Response } from '../server/response.ts';
import { type Protocol, Session } from '../server/session.ts';

const urlOf = (type: string): string => RESOURCE_TYPES.find(({ name }) => name === type)?.url ?? type;
const nameOf = (url: string): string => RESOURCE_TYPES.find((type) => type.url === url)?.name ?? url;

/** A stream whose client says what a test tells it to say. Types are called by their short names. */
export class Script {
  readonly #protocol: Protocol;
  readonly #record = new NodeRecord('script', 'key');
  readonly #sent: Response[] = [];
  readonly #last = new Map<string, Response>();
  readonly #timers = new Map<number, () => void>();
  readonly events: string[] = [];
  snapshot: Snapshot | undefined;
  isFull = false;
  #session: Session;

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
    this.#session = this.#open();
  }

  #open(): Session {
    return new Session(
      {
        identify: () => ({ record: this.#record, snapshot: this.snapshot }),
        onOpen() {},
        send: (response) => {
          this.#sent.push(response);
          this.#last.set(response.type, response);
        },
        isFull: () => this.isFull,
        onAcked: (_record, type, names) => this.events.push(`acked ${nameOf(type)} ${names.join(' ')}`),
        onNacked: (_record, type, names, error) =>
          this.events.push(`nacked ${nameOf(type)} ${names.join(' ') || '?'}: ${error}`),
        after: (delayMs, call) => {
          this.#timers.set(delayMs, call);
          return () => this.#timers.delete(delayMs);
        },
      },
      { protocol: this.#protocol, holdMs: HOLD_MS, graceMs: GRACE_MS },
    );
  }

  /** The stream breaks, and there is another one. */
  reconnect(): void {
    this.#session.close();
    this.#session = this.#open();
    this.#last.clear();
  }

  set(...resources: readonly Resource[]): void {
    this.snapshot = Snapshot.of(resources);
    this.#session.update(this.snapshot);
  }

  /** A client of changes asks for more, or for less. */
  ask(type: string, subscribe: readonly string[] = [], more: Partial<Wants> = {}): void {
    this.#say(type, '', undefined, { subscribe, unsubscribe: [], initial: {}, ...more });
  }

  /** A client of the state of the world says what it wants in all. */
  askExactly(
    type: string,
    names: readonly string[],
    version = '',
    nonce = this.#last.get(urlOf(type))?.nonce ?? '',
  ): void {
    this.#say(type, nonce, undefined, { names, version });
  }

  /** Accepts the last response of a type, or refuses it. */
  answer(type: string, error?: string, names: readonly string[] = []): void {
    const { nonce, version } = this.#last.get(urlOf(type))!;
    const wants: Wants =
      this.#protocol === 'delta' ? { subscribe: [], unsubscribe: [], initial: {} } : { names, version };
    this.#say(type, nonce, error, wants);
  }

  #say(type: string, nonce: string, error: string | undefined, wants: Wants): void {
    this.#session.receive({ type: urlOf(type), node: { id: 'script' }, nonce, error, wants });
  }

  /** The client reads again. */
  drain(): void {
    this.isFull = false;
    this.#session.advance();
  }

  /** The time to wait for others is over. */
  endHold(): void {
    this.#timers.get(HOLD_MS)!();
  }

  /** The time is over in which nothing is removed. */
  endGrace(): void {
    this.#timers.get(GRACE_MS)!();
  }

  /** Of the last response of a type. */
  version(type: string): string {
    return this.#last.get(urlOf(type))!.version;
  }

  /** What was sent since the last time: `type: name name -removed`. */
  heard(): string[] {
    return this.#sent.splice(0).map(({ type, resources, removed }) => {
      const names = [...resources.map(({ name }) => name).sort(), ...removed.map((name) => `-${name}`)];
      return `${nameOf(type)}: ${names.join(' ')}`.trim();
    });
  }
}

const HOLD_MS = 1;
const GRACE_MS = 2;

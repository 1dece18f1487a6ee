import type { Duplex } from 'node:stream';
import { linesOf } from 'nekube/client';
import { newFailure, newServerResponse, parseJson, type Status, StatusError } from 'nekube/apimachinery';
import { WebSocketConnection } from 'nekube/streaming';
import { type Cluster, credentialRefused, unreachable } from './cluster.ts';
import { checkWatchPath } from './cluster-path.ts';
import type { Session } from './sessions.ts';

/** So many watches a page may have. */
const MOST_WATCHES = 200;
/** What a browser says is short. */
const MOST_MESSAGE_BYTES = 64 * 1024;
/** What happens within so long goes in one message. */
const BATCH_MS = 20;
/** About as much goes in one message; an object that is larger goes alone. */
const MESSAGE_BYTES = 1024 * 1024;
/** Above this the cluster waits for the browser. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;
/** So often a browser hears that the console is there, also when nothing happens. */
const ALIVE_MS = 10_000;
const ALIVE = Buffer.from('{"alive":true}');
/** A browser that takes nothing for so long has gone. */
const STALLED_MS = 60_000;
const ERROR_EVENT = Buffer.from('{"type":"ERROR"');
const END_OF_WATCH: Partial<Status> = { status: 'Success', message: 'the server has ended the watch', code: 200 };

interface Ask {
  readonly id: number;
  readonly path: string;
  /** `application/json;as=Table;…`; default JSON. */
  readonly accept?: string;
}

/**
 * All watches of a page on one connection. Events are handed on as the bytes that the cluster sent, together as they come
 * close to each other, and no faster than the browser takes them: until then the cluster waits.
 */
export class WatchSocket {
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>;
  /** Whose it is. */
  readonly session: Session;
  readonly #cluster: Cluster;
  readonly #socket: WebSocketConnection;
  readonly #watches = new Map<number, AbortController>();
  /** By watch, what is to be sent. */
  readonly #waiting = new Map<number, Buffer[]>();
  #waitingBytes = 0;
  /** Bytes that the connection has not taken. */
  #unsentBytes = 0;
  #flush: ReturnType<typeof setTimeout> | undefined;
  #stalled: ReturnType<typeof setTimeout> | undefined;
  #wanted: (() => void)[] = [];

  /** @param socket one whose handshake is written */
  constructor(
    socket: Duplex,
    head: Buffer,
    { cluster, session }: { readonly cluster: Cluster; readonly session: Session },
  ) {
    this.#cluster = cluster;
    this.session = session;
    this.#socket = new WebSocketConnection(socket, { onMessage: (data) => this.#receive(data) }, head);
    const end = (): void => this.close(GOING_AWAY);
    session.ended.addEventListener('abort', end, { once: true });
    const alive = setInterval(() => this.#write(ALIVE), ALIVE_MS).unref();
    this.closed = this.#socket.closed.then(() => {
      session.ended.removeEventListener('abort', end);
      clearInterval(alive);
      clearTimeout(this.#flush);
      clearTimeout(this.#stalled);
      for (const watch of this.#watches.values()) watch.abort();
      for (const go of this.#wanted.splice(0)) go();
    });
  }

  /** Says goodbye; what is watched is for nobody any more. */
  close(code = GOING_AWAY): void {
    for (const watch of this.#watches.values()) watch.abort();
    this.#socket.close(code);
  }

  #receive(data: Buffer): true {
    const message = data.length > MOST_MESSAGE_BYTES ? undefined : messageOf(data);
    if (message === undefined) this.close(POLICY_VIOLATION);
    else if ('cancel' in message) this.#cancel(message.cancel);
    else void this.#watch(message);
    return true;
  }

  #cancel(id: number): void {
    this.#watches.get(id)?.abort();
    this.#watches.delete(id);
    for (const line of this.#waiting.get(id) ?? []) this.#waitingBytes -= line.length;
    this.#waiting.delete(id);
    this.#resume();
  }

  async #watch(ask: Ask): Promise<void> {
    const { id } = ask;
    if (this.#watches.has(id)) return this.close(POLICY_VIOLATION);
    const stop = new AbortController();
    this.#watches.set(id, stop);
    let end = END_OF_WATCH;
    try {
      if (this.#watches.size > MOST_WATCHES)
        throw newFailure(429, 'TooManyRequests', `a page must have no more than ${MOST_WATCHES} watches`);
      end = (await this.#follow(ask, stop.signal)) ?? end;
    } catch (error) {
      end = StatusError.from(error).status;
    }
    if (stop.signal.aborted || this.#watches.get(id) !== stop) return;
    this.#watches.delete(id);
    this.#send();
    this.#write(Buffer.from(JSON.stringify({ id, end: { status: end } })));
  }

  /** Hands events on to the end of the watch; with the status that it failed with. @throws StatusError */
  async #follow({ id, path, accept = 'application/json' }: Ask, signal: AbortSignal): Promise<Status | undefined> {
    const target = checkWatchPath(path);
    const headers = { accept, ...this.#cluster.headersOf(this.session.person.as) };
    try {
      const answer = await this.#cluster.transport.send({ method: 'GET', path: target, headers, signal });
      if (answer.status !== 200) return await failureOf(answer.status, answer.body);
      for await (const line of linesOf(answer.body)) {
        if (signal.aborted) return undefined;
        if (ERROR_EVENT.equals(line.subarray(0, ERROR_EVENT.length)))
          return (parseJson(line) as unknown as { readonly object: Status }).object;
        this.#add(id, Buffer.from(line));
        if (this.#isFull()) await this.#room();
      }
      return undefined;
    } catch (error) {
      throw unreachable(error);
    }
  }

  #add(id: number, line: Buffer): void {
    const lines = this.#waiting.get(id);
    if (lines === undefined) this.#waiting.set(id, [line]);
    else lines.push(line);
    this.#waitingBytes += line.length;
    this.#flush ??= setTimeout(() => this.#send(), BATCH_MS);
  }

  #isFull(): boolean {
    return this.#waitingBytes + this.#unsentBytes > MOST_WAITING_BYTES;
  }

  #room(): Promise<void> {
    this.#stalled ??= setTimeout(() => this.close(POLICY_VIOLATION), STALLED_MS);
    return new Promise((resolve) => this.#wanted.push(resolve));
  }

  #resume(): void {
    if (this.#isFull()) return;
    clearTimeout(this.#stalled);
    this.#stalled = undefined;
    for (const go of this.#wanted.splice(0)) go();
  }

  #send(): void {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    for (const [id, lines] of this.#waiting)
      for (const batch of batchesOf(lines)) this.#write(messageOfEvents(id, batch));
    this.#waiting.clear();
    this.#waitingBytes = 0;
  }

  #write(message: Buffer): void {
    this.#unsentBytes += message.length;
    this.#socket.send(message, 'text', () => {
      this.#unsentBytes -= message.length;
      this.#resume();
    });
  }
}

const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

/** Undefined: it is none. */
function messageOf(data: Buffer): Ask | { readonly cancel: number } | undefined {
  try {
    const { id, path, accept, cancel } = JSON.parse(data.toString()) as Record<string, unknown>;
    if (Number.isSafeInteger(cancel)) return { cancel: cancel as number };
    if (!Number.isSafeInteger(id) || typeof path !== 'string') return undefined;
    return {
      id: id as number,
      path,
      ...(typeof accept === 'string' && /^[\x20-\x7e]{1,1000}$/.test(accept) && { accept }),
    };
  } catch {
    return undefined;
  }
}

/** What a cluster says that refuses a watch. */
async function failureOf(code: number, body: AsyncIterable<Uint8Array>): Promise<Status> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  if (code === 401) return credentialRefused().status;
  const text = Buffer.concat(pieces).toString();
  try {
    return { ...(parseJson(text) as unknown as Status), code };
  } catch {
    return newServerResponse({ code, method: 'GET', said: text.slice(0, 1000) }).status;
  }
}

function* batchesOf(lines: readonly Buffer[]): Generator<readonly Buffer[]> {
  let batch: Buffer[] = [];
  let bytes = 0;
  for (const line of lines) {
    if (batch.length > 0 && bytes + line.length > MESSAGE_BYTES) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(line);
    bytes += line.length;
  }
  if (batch.length > 0) yield batch;
}

/** Events are JSON already. */
function messageOfEvents(id: number, events: readonly Buffer[]): Buffer {
  const comma = Buffer.from(',');
  const parts = events.flatMap((event, i) => (i === 0 ? [event] : [comma, event]));
  return Buffer.concat([Buffer.from(`{"id":${id},"events":[`), ...parts, Buffer.from(']}')]);
}

import { signal } from '@preact/signals';
import { parseJson } from 'nekube/apimachinery';
import type { ApiStatus } from './http.ts';

/** An event of a watch, as the API server sends it. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: unknown;
}

export interface WatchHandlers {
  /** Events that came together: they are handed in at most once a frame or so. */
  readonly events: (events: readonly WatchEvent[]) => void;
  /** The watch is over, and begins again only when asked: the server ended it, or the connection was lost (`code` 0). */
  readonly end: (status: ApiStatus) => void;
}

/** Whether the server is there. `attempts` counts those that failed since it was last. */
export const connection = signal<{ readonly state: 'idle' | 'connected' | 'lost'; readonly attempts: number }>({
  state: 'idle',
  attempts: 0,
});

interface Message {
  readonly id: number;
  readonly events?: readonly WatchEvent[];
  readonly end?: { readonly status?: ApiStatus } & ApiStatus;
}

const running = new Map<number, WatchHandlers>();
const waiting: string[] = [];
let socket: WebSocket | undefined;
let lastId = 0;

/**
 * Watches by the API server's path and query: `/api/v1/pods?watch=1&resourceVersion=5`. All watches of a tab share one
 * connection. `accept` is as that of a request. Returns what ends the watch; then no handler is called again.
 */
export function watch(path: string, handlers: WatchHandlers, accept?: string): () => void {
  const id = ++lastId;
  running.set(id, handlers);
  send({ id, path, accept });
  return () => {
    if (running.delete(id)) send({ cancel: id });
  };
}

let again: ReturnType<typeof setTimeout> | undefined;

/** The console says every ten seconds that it is there. */
const TICK_MS = 5000;
/** After so many ticks in which nothing came the connection is given up. They are counted, since a laptop that slept has none. */
const MOST_QUIET_TICKS = 5;
let quietTicks = 0;
let ticking: ReturnType<typeof setInterval> | undefined;

/** Opens the connection, and anew with growing waits when it is lost. Does nothing when it is open or opening. */
export function connectWatches(): void {
  if (socket !== undefined) return;
  clearTimeout(again);
  const opening = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/console/watch`);
  socket = opening;
  quietTicks = 0;
  ticking = setInterval(() => {
    if (++quietTicks > MOST_QUIET_TICKS) lose();
  }, TICK_MS);
  opening.onopen = () => {
    connection.value = { state: 'connected', attempts: 0 };
    for (const text of waiting.splice(0)) opening.send(text);
  };
  opening.onmessage = ({ data }) => {
    quietTicks = 0;
    receive(parseJson(data as string) as unknown as Message);
  };
  opening.onclose = lose;
}

/** The connection is over, or nobody is at its other end. */
function lose(): void {
  drop();
  const attempts = connection.value.attempts + 1;
  connection.value = { state: 'lost', attempts };
  const lost = [...running.values()];
  running.clear();
  again = setTimeout(connectWatches, Math.min(250 * 2 ** attempts, 8000) * (0.75 + Math.random() / 2));
  for (const handlers of lost) handlers.end({ code: 0, reason: 'Unreachable' });
}

/** Closes it without waiting for an answer. */
function drop(): void {
  clearInterval(ticking);
  if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
  socket?.close();
  socket = undefined;
  waiting.length = 0;
}

/** Closes it until `connectWatches`. */
export function disconnectWatches(): void {
  clearTimeout(again);
  drop();
  running.clear();
  connection.value = { state: 'idle', attempts: 0 };
}

function send(message: { id: number; path: string; accept?: string } | { cancel: number }): void {
  const text = JSON.stringify(message);
  if (socket?.readyState === WebSocket.OPEN) socket.send(text);
  else waiting.push(text);
}

function receive({ id, events, end }: Message): void {
  const handlers = running.get(id);
  if (events) handlers?.events(events);
  if (!end) return;
  running.delete(id);
  handlers?.end(end.status ?? end);
}

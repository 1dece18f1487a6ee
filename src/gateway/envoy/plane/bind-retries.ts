import { isDeepStrictEqual } from 'node:util';
import { bindMessage } from '../../model/bind-message.ts';
import type { Listener } from '../resources/messages.ts';

interface Retried {
  readonly of: Listener;
  readonly made: Listener;
  readonly attempt: number;
}

/** Whether a listener was refused because of its address, which may be free or there later. */
export function isBindFailure(error: string): boolean {
  return /^Cannot listen on|cannot bind|Address already in use|Cannot assign requested address/i.test(error);
}

const CODES: readonly (readonly [RegExp, string])[] = [
  [/Address already in use/i, 'EADDRINUSE'],
  [/Cannot assign requested address/i, 'EADDRNOTAVAIL'],
  [/Permission denied/i, 'EACCES'],
];

/** What Envoy says of a listener, with what to do if it is about its address. */
export function bindFailure(where: string, error: string): string {
  if (!isBindFailure(error)) return error;
  const code = CODES.find(([words]) => words.test(error))?.[1];
  return bindMessage({ ...(code !== undefined && { code }), message: error }, where);
}

/**
 * Listeners that are asked for again: what was refused is not sent again as it was, so each attempt says in the listener's
 * metadata that it is one. It stays there, since taking it away would replace a listener that serves by now.
 */
export class BindRetries {
  readonly #retried = new Map<string, Retried>();

  /** Another attempt. */
  again(name: string, listener: Listener): void {
    const before = this.#retried.get(name);
    const attempt = (before?.attempt ?? 0) + 1;
    const of = before && before.made === listener ? before.of : listener;
    const made = { ...of, metadata: { filter_metadata: { nekube: { attempt } } } };
    this.#retried.set(name, { of, made, attempt });
  }

  /** The listeners with their attempts; those that became others are new ones. */
  apply(listeners: ReadonlyMap<string, Listener>): ReadonlyMap<string, Listener> {
    if (this.#retried.size === 0) return listeners;
    const applied = new Map(listeners);
    for (const [name, { of, made }] of this.#retried) {
      if (isDeepStrictEqual(listeners.get(name), of)) applied.set(name, made);
      else this.#retried.delete(name);
    }
    return applied;
  }
}

import { errorText, type KubeObject } from 'nekube/apimachinery';
import type { ObjectHandler } from './informer-types.ts';
import { shownObject } from './object-name.ts';

/** What a handler is told; `reached` is no event but a mark: all before it has been told. */
export type Notification<T extends KubeObject> =
  | { readonly type: 'added'; readonly object: T; readonly initial: boolean }
  | { readonly type: 'updated'; readonly object: T; readonly old: T }
  | { readonly type: 'deleted'; readonly object: T; readonly final: boolean }
  | { readonly type: 'reached'; readonly call: () => void };

/** A handler threw, or its promise was rejected, which is a bug of the handler; the cause is what it threw. */
export class HandlerError extends Error {
  constructor(event: string, object: KubeObject, cause: unknown) {
    super(`The handler failed for ${event} ${shownObject(object)}: ${errorText(cause)}`, { cause });
    this.name = 'HandlerError';
  }
}

/** So many notifications that were told are kept at most before their memory is given back. */
const MOST_TOLD = 1024;

/**
 * What a handler has yet to hear. It hears at once, unless it is still busy: with the promise of an earlier call, or
 * because it was just added. So a slow handler has a long queue, and nobody else waits.
 */
export class HandlerQueue<T extends KubeObject> {
  readonly #handler: ObjectHandler<T>;
  readonly #onError: (error: Error) => void;
  #waiting: Notification<T>[] = [];
  #next = 0;
  /** A handler is first told in a turn of its own, after `handle` has returned. */
  #isBusy = true;
  #isClosed = false;

  constructor(handler: ObjectHandler<T>, onError: (error: Error) => void) {
    this.#handler = handler;
    this.#onError = onError;
    queueMicrotask(() => this.#goOn());
  }

  /** Tells the handler, now or when its turn comes. */
  push(notification: Notification<T>): void {
    if (this.#isClosed) return notification.type === 'reached' ? notification.call() : undefined;
    this.#waiting.push(notification);
    if (!this.#isBusy) this.#goOn();
  }

  /** Resolves when all that was pushed so far has been told, or the handler was removed. */
  reached(): Promise<void> {
    return new Promise((call) => this.push({ type: 'reached', call }));
  }

  /** Tells the handler nothing more. */
  close(): void {
    this.#isClosed = true;
    const left = this.#waiting.slice(this.#next);
    this.#waiting = [];
    this.#next = 0;
    for (const notification of left) if (notification.type === 'reached') notification.call();
  }

  #goOn(): void {
    this.#isBusy = true;
    while (this.#next < this.#waiting.length) {
      const notification = this.#take();
      const work = this.#tell(notification);
      if (work !== undefined) return void work.then(() => this.#goOn());
    }
    this.#waiting = [];
    this.#next = 0;
    this.#isBusy = false;
  }

  /** A handler that is never through must not keep all that it ever heard. */
  #take(): Notification<T> {
    const notification = this.#waiting[this.#next++]!;
    if (this.#next >= MOST_TOLD && this.#next * 2 >= this.#waiting.length) {
      this.#waiting.splice(0, this.#next);
      this.#next = 0;
    }
    return notification;
  }

  /** Gives a promise where the handler does; it never rejects. */
  #tell(notification: Notification<T>): Promise<void> | undefined {
    if (notification.type === 'reached') return void notification.call();
    const fail = (cause: unknown): void =>
      this.#onError(new HandlerError(notification.type, notification.object, cause));
    try {
      const result: unknown = this.#call(notification);
      return result instanceof Promise ? result.then(() => {}, fail) : undefined;
    } catch (cause) {
      fail(cause);
      return undefined;
    }
  }

  #call(notification: Exclude<Notification<T>, { type: 'reached' }>): unknown {
    switch (notification.type) {
      case 'added':
        return this.#handler.added?.(notification.object, notification.initial);
      case 'updated':
        return this.#handler.updated?.(notification.object, notification.old);
      case 'deleted':
        return this.#handler.deleted?.(notification.object, notification.final);
    }
  }
}

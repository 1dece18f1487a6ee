import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Impersonation } from 'nekube/client';

/** Who is signed in. */
export interface Person {
  readonly username: string;
  readonly groups: readonly string[];
  /** How requests are made in this name; absent: as the console's own credential. */
  readonly as?: Impersonation;
}

/** A browser that is signed in. */
export interface Session {
  readonly person: Person;
  /** What writes must carry. */
  readonly csrf: string;
  /** Aborted when it ends. */
  readonly ended: AbortSignal;
}

interface Held extends Session {
  readonly end: AbortController;
  expires: number;
}

interface Link {
  readonly as: Impersonation | undefined;
  readonly expires: number;
}

/** A link is good for so long. */
const LINK_MS = 10 * 60_000;
/** A session that nothing was asked in for so long has ended. */
const IDLE_MS = 12 * 3600_000;
/** Of more than so many the one that was longest idle ends. */
const MOST_SESSIONS = 100;
const MOST_LINKS = 100;

/**
 * Links that sign in once, and the sessions that they made. Both are known by hashes alone, so that neither memory nor a
 * comparison tells a secret. Nothing outlives the process.
 */
export class Sessions {
  readonly #now: () => number;
  readonly #links = new Map<string, Link>();
  /** The one that was idle longest is first. */
  readonly #sessions = new Map<string, Held>();

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A new token, for a link that signs in as `as`. */
  newLink(as: Impersonation | undefined): string {
    const token = secret();
    for (const [hash, { expires }] of this.#links) if (expires <= this.#now()) this.#links.delete(hash);
    dropFirst(this.#links, MOST_LINKS - 1);
    this.#links.set(hashOf(token), { as, expires: this.#now() + LINK_MS });
    return token;
  }

  /** Uses a link up. Undefined: it was used, has expired, or never was. */
  takeLink(token: string): { readonly as: Impersonation | undefined; readonly giveBack: () => void } | undefined {
    const hash = hashOf(token);
    const link = this.#links.get(hash);
    this.#links.delete(hash);
    if (link === undefined || link.expires <= this.#now()) return undefined;
    return { as: link.as, giveBack: () => void this.#links.set(hash, link) };
  }

  /** Begins a session; returns what its browser is to show. */
  begin(person: Person): string {
    const id = secret();
    const end = new AbortController();
    // every page of the browser listens
    setMaxListeners(0, end.signal);
    for (const old of dropFirst(this.#sessions, MOST_SESSIONS - 1)) old.end.abort();
    this.#sessions.set(hashOf(id), { person, csrf: secret(), end, ended: end.signal, expires: this.#now() + IDLE_MS });
    return id;
  }

  /** The session of a browser, which is not idle now. */
  find(id: string): Session | undefined {
    this.endIdle();
    const hash = hashOf(id);
    const session = this.#sessions.get(hash);
    if (session === undefined) return undefined;
    this.#sessions.delete(hash);
    session.expires = this.#now() + IDLE_MS;
    this.#sessions.set(hash, session);
    return session;
  }

  /** Ends those that were idle for too long, whose pages may still have connections. */
  endIdle(): void {
    for (const [hash, { expires, end }] of this.#sessions) {
      if (expires > this.#now()) break;
      this.#sessions.delete(hash);
      end.abort();
    }
  }

  /** Ends one. */
  end(id: string): void {
    const hash = hashOf(id);
    this.#sessions.get(hash)?.end.abort();
    this.#sessions.delete(hash);
  }

  /** Ends all. */
  endAll(): void {
    for (const { end } of this.#sessions.values()) end.abort();
    this.#sessions.clear();
  }
}

/** Whether a browser shows the token of its session. */
export function isCsrfOf({ csrf }: Session, given: string | undefined): boolean {
  const [one, other] = [Buffer.from(csrf), Buffer.from(given ?? '')];
  return one.length === other.length && timingSafeEqual(one, other);
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

function dropFirst<T>(map: Map<string, T>, most: number): T[] {
  const dropped: T[] = [];
  for (const [key, value] of map) {
    if (map.size <= most) break;
    map.delete(key);
    dropped.push(value);
  }
  return dropped;
}

import { createHash } from 'node:crypto';
import { isJsonObject, type JsonValue } from 'nekube/apimachinery';
import type { LoggedRequest } from 'nekube/envtest';

/** Who did the same so often does it for ever. */
const FOR_EVER = 6;
/** What differs each time that an object is written, though it says the same. */
const SAYS_NOTHING = new Set(['resourceVersion', 'managedFields', 'generation', 'observedGeneration', 'message']);
const TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g;

/**
 * What an operator does again as it did before, by which it is at rest: it reads the same object, or writes the same body, but for times,
 * versions and messages. Asked while one waits for it to come to rest.
 */
export class Repetition {
  readonly #often = new Map<string, number>();
  #now = new Map<string, number>();
  #periodMs = 0;

  /** From now on what was done before may be done once more, since there may be a reason for it. */
  begin(): void {
    this.#now = new Map();
  }

  /** Takes note of a request, and gives whether it is done again without a reason. */
  take(request: LoggedRequest, nowMs: number): boolean {
    const digest = digestOf(request);
    const often = (this.#often.get(digest) ?? 0) + 1;
    this.#often.set(digest, often);
    const last = this.#now.get(digest);
    this.#now.set(digest, nowMs);
    if (last !== undefined) this.#periodMs = Math.max(this.#periodMs, nowMs - last);
    return last !== undefined || often > FOR_EVER;
  }

  /** Whether it was done before, at whatever time. */
  isKnown(request: LoggedRequest): boolean {
    return this.#often.has(digestOf(request));
  }

  /** The longest after which it did the same again by itself, in milliseconds; 0: it does not. */
  get periodMs(): number {
    return this.#periodMs;
  }
}

function digestOf({ verb, path, body, rawBody }: LoggedRequest): string {
  const said = body === undefined ? Buffer.from(rawBody ?? '').toString('latin1') : JSON.stringify(plain(body));
  return createHash('sha1').update(`${verb} ${path} `).update(said.replace(TIME, '')).digest('base64');
}

function plain(value: JsonValue): unknown {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (!isJsonObject(value)) return value;
  const said = Object.entries(value).filter(([name]) => !SAYS_NOTHING.has(name));
  return Object.fromEntries(said.map(([name, field]) => [name, plain(field as JsonValue)]));
}

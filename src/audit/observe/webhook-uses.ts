import { isJsonObject } from 'nekube/apimachinery';
import type { CalledWebhook, LoggedRequest } from 'nekube/envtest';

/** How often a webhook was called, and what came of that. */
export interface WebhookUse {
  readonly calls: number;
  /** It wanted the object otherwise. */
  readonly changed: number;
  readonly refused: number;
  readonly failed: number;
  /** Why the last of those that failed did. */
  readonly failure?: string;
  /** How long half of the calls took at most, in milliseconds, to within 5 %. */
  readonly medianMs: number;
  readonly longestMs: number;
}

/** Times that are no further apart than this count as one. */
const SAME_TIME = 1.05;

/** What became of calls of webhooks: numbers, not the calls, since each has two objects, and an operator may cause any number of them. */
export class WebhookUses {
  readonly #byUrl = new Map<string, Counted>();
  /** What was refused; of each request that asked for it the control plane's log has more than this. */
  readonly #refused = new Set<string>();

  note(call: CalledWebhook): void {
    const counted = this.#byUrl.get(call.url) ?? new Counted();
    this.#byUrl.set(call.url, counted);
    counted.note(call);
    if (isRefusal(call)) for (const key of keysOf(call)) this.#refused.add(key);
  }

  /** By where webhooks are, as `webhookUrl` of `nekube/apimachinery` has it. */
  get byUrl(): ReadonlyMap<string, WebhookUse> {
    return new Map([...this.#byUrl].map(([url, counted]) => [url, counted.use]));
  }

  /** Whether what a request asked for was refused. */
  hasRefused({ user, resource, namespace, name }: LoggedRequest): boolean {
    return this.#refused.has(keyOf(user, resource, namespace, name));
  }
}

/** Whether a webhook wants an object otherwise than it was sent. */
export function isChanged({ answered }: CalledWebhook): boolean {
  const { response } = answered ?? {};
  if (!isJsonObject(response) || typeof response.patch !== 'string') return false;
  return Buffer.from(response.patch, 'base64').toString().trim() !== '[]';
}

/** Whether a webhook refused what it was asked about. */
export function isRefusal({ answered }: CalledWebhook): boolean {
  const { response } = answered ?? {};
  return isJsonObject(response) && response.allowed === false;
}

/** A request as it may stand in the log, which has no name where the server was to give one, or where the object alone has it. */
function keysOf({ asked }: CalledWebhook): string[] {
  const request = asked?.request;
  if (!isJsonObject(request) || !isJsonObject(request.userInfo) || !isJsonObject(request.resource)) return [];
  const { userInfo, resource, namespace = '', name = '' } = request;
  return [name, ''].map((one) => keyOf(userInfo.username, resource.resource, namespace, one));
}

function keyOf(...parts: readonly unknown[]): string {
  return JSON.stringify(parts);
}

/** The calls of one webhook. */
class Counted {
  #calls = 0;
  #changed = 0;
  #refused = 0;
  #failed = 0;
  #failure: string | undefined;
  #longestMs = 0;
  /** How many calls took about so long, by the exponent of {@link SAME_TIME}. */
  readonly #times = new Map<number, number>();

  note(call: CalledWebhook): void {
    const { failure, tookMs } = call;
    this.#calls++;
    this.#changed += Number(isChanged(call));
    this.#refused += Number(isRefusal(call));
    if (failure !== undefined) {
      this.#failed++;
      this.#failure = failure;
    }
    this.#longestMs = Math.max(this.#longestMs, tookMs);
    const about = Math.ceil(Math.log(Math.max(tookMs, Number.EPSILON)) / Math.log(SAME_TIME));
    this.#times.set(about, (this.#times.get(about) ?? 0) + 1);
  }

  get use(): WebhookUse {
    return {
      calls: this.#calls,
      changed: this.#changed,
      refused: this.#refused,
      failed: this.#failed,
      ...(this.#failure !== undefined && { failure: this.#failure }),
      medianMs: Math.min(this.#longestMs, SAME_TIME ** this.#middle),
      longestMs: this.#longestMs,
    };
  }

  get #middle(): number {
    let left = this.#calls / 2;
    for (const [about, count] of [...this.#times].sort(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return about;
    }
    return 0;
  }
}

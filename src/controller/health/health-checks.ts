import { errorText } from 'nekube/apimachinery';
import { type Clock, sleep, systemClock } from 'nekube/client';
import { type Logger, silentLogger } from '../log/logger.ts';

/** Throws, or rejects, if something is not well. The signal is aborted when the answer comes too late. */
export type HealthCheck = (signal: AbortSignal) => void | Promise<void>;

/** Always well. */
export const ping: HealthCheck = () => {};

/** What a check is answered with. */
export interface HealthReply {
  readonly status: 200 | 404 | 500;
  readonly text: string;
}

/** How checks are asked. */
export interface HealthChecksOptions {
  readonly logger?: Logger;
  /** A check that takes longer has failed; default 10,000. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

interface Outcome {
  readonly name: string;
  readonly excluded?: boolean;
  readonly error?: unknown;
}

/**
 * Named checks, asked all together or one by one, with the answers of controller-runtime: `ok`, or a line a check. Why one
 * failed is told to the log, and to who asks for that check alone.
 */
export class HealthChecks {
  readonly #checks = new Map<string, HealthCheck>();
  readonly #options: HealthChecksOptions;
  readonly #log: Logger;

  constructor(options: HealthChecksOptions = {}) {
    this.#options = options;
    this.#log = (options.logger ?? silentLogger).named('healthz');
  }

  /** Adds a check. @throws RangeError if the name is taken, or would not be a part of a path */
  add(name: string, check: HealthCheck): this {
    if (!/^[\w.-]+$/.test(name))
      throw new RangeError(`Cannot add health check ${JSON.stringify(name)}: use letters, digits, "-", "_" and "."`);
    if (this.#checks.has(name))
      throw new RangeError(`Cannot add health check ${JSON.stringify(name)}: there is one already`);
    this.#checks.set(name, check);
    return this;
  }

  /**
   * Answers a request.
   *
   * @param path below the place where the checks stand: empty for all, else a check's name
   */
  async answer(path: string, query: URLSearchParams): Promise<HealthReply> {
    const name = path.replace(/^\/+|\/+$/g, '');
    if (name === '') return this.#all(query);
    const check = this.#checks.size === 0 && name === 'ping' ? ping : this.#checks.get(name);
    if (check === undefined) return { status: 404, text: '404 page not found\n' };
    const { error } = await this.#ask(name, check);
    if (error === undefined) return { status: 200, text: 'ok' };
    return { status: 500, text: `internal server error: ${errorText(error)}\n` };
  }

  async #all(query: URLSearchParams): Promise<HealthReply> {
    const excluded = new Set(query.getAll('exclude'));
    const checks = this.#checks.size > 0 ? [...this.#checks] : [['ping', ping] as const];
    const outcomes = await Promise.all(
      checks.map(([name, check]) =>
        excluded.has(name) ? Promise.resolve<Outcome>({ name, excluded: true }) : this.#ask(name, check),
      ),
    );
    outcomes.sort((a, b) => (a.name < b.name ? -1 : 1));
    const failed = outcomes.some(({ error }) => error !== undefined);
    if (!failed && !query.has('verbose')) return { status: 200, text: 'ok' };
    const unknown = [...excluded].filter((name) => !checks.some(([known]) => known === name));
    const lines = [
      ...outcomes.map(lineOf),
      ...(unknown.length > 0
        ? [
            `warn: some health checks cannot be excluded: no matches for ${unknown.map((name) => JSON.stringify(name)).join(',')}`,
          ]
        : []),
      `healthz check ${failed ? 'failed' : 'passed'}`,
    ];
    return { status: failed ? 500 : 200, text: `${lines.join('\n')}\n` };
  }

  async #ask(name: string, check: HealthCheck): Promise<Outcome> {
    const { timeoutMs = 10_000, clock = systemClock } = this.#options;
    const over = new AbortController();
    try {
      const late = sleep(timeoutMs, clock, over.signal).then(() => {
        throw new Error(`no answer within ${timeoutMs} ms`);
      });
      late.catch(() => {});
      await Promise.race([(async () => check(over.signal))(), late]);
      return { name };
    } catch (error) {
      this.#log.warn('Health check failed', { check: name, error });
      return { name, error: error ?? new Error('failed') };
    } finally {
      over.abort(new Error('the check is over'));
    }
  }
}

/** The reason is withheld: whoever asks for all need not be trusted with it. */
function lineOf({ name, excluded, error }: Outcome): string {
  if (excluded) return `[+]${name} excluded: ok`;
  return error === undefined ? `[+]${name} ok` : `[-]${name} failed: reason withheld`;
}

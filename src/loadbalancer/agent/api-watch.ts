import { type Clock, type ConnectionError, isConnectionError, sleep } from 'nekube/client';
import { isStatusError } from 'nekube/apimachinery';

/** So long after the first line the second one comes; each time twice as long, until the longest. */
const FIRST_MS = 2000;
const LONGEST_MS = 60_000;

/** How the API server's silence is told. */
export interface ApiWatchOptions {
  readonly clock: Clock;
  /** Asks the API server something small; rejects as the client does. */
  readonly ask: (signal: AbortSignal) => Promise<unknown>;
  readonly warn: (line: string) => void;
  readonly info: (line: string) => void;
}

/**
 * Tells that the API server does not answer, or refuses what is asked: in one line, however many informers hear of it, again after a while
 * that grows, and when it is over. It asks by itself meanwhile, since informers do not tell that they go on.
 */
export class ApiWatch {
  readonly #options: ApiWatchOptions;
  readonly #end = new AbortController();
  #isFollowing = false;

  constructor(options: ApiWatchOptions) {
    this.#options = options;
  }

  /** Whether the error is of this kind, and told by this. */
  hears(error: unknown): boolean {
    const line = troubleText(error);
    if (line === undefined) return false;
    if (!this.#isFollowing) void this.#follow(line).finally(() => (this.#isFollowing = false));
    return true;
  }

  close(): void {
    this.#end.abort(new Error('Closed'));
  }

  async #follow(first: string): Promise<void> {
    this.#isFollowing = true;
    const { clock, ask, warn, info } = this.#options;
    const { signal } = this.#end;
    const began = clock.elapsed();
    let line: string | undefined = first;
    for (let wait = FIRST_MS; line !== undefined; wait = Math.min(2 * wait, LONGEST_MS)) {
      warn(`${line}; asked again in ${wait / 1000} s`);
      try {
        await sleep(wait, clock, signal);
        await ask(signal);
        line = undefined;
      } catch (error) {
        if (signal.aborted) return;
        line = troubleText(error) ?? `The API server fails: ${error instanceof Error ? error.message : String(error)}`;
      }
    }
    info(
      `The API server answers again, after ${Math.round((clock.elapsed() - began) / 1000)} s: what has changed is followed`,
    );
  }
}

/**
 * What is wrong with the API server, and what helps: `The API server https://10.0.0.1:6443 does not answer: connect ECONNREFUSED …`;
 * undefined if the error says nothing of that.
 */
export function troubleText(error: unknown): string | undefined {
  const asBefore = 'packets are balanced as before, and changes wait';
  if (isConnectionError(error)) {
    const cause = causeOf(error);
    return `The API server ${error.server} does not answer: ${cause}; ${asBefore}. ${remedyFor(cause)}`;
  }
  if (isStatusError(error, 'Unauthorized'))
    return `The API server refuses this agent: ${error.message}; ${asBefore}. Its kubeconfig must have a user that is valid: --kubeconfig FILE`;
  if (isStatusError(error, 'Forbidden'))
    return `The API server refuses this agent: ${error.message}; ${asBefore}. Its user must be allowed to list and watch Services, EndpointSlices and Nodes`;
  return undefined;
}

/** Without what was asked, which is another by each informer. */
function causeOf({ message, request, server }: ConnectionError): string {
  const before = `Cannot ${request.replace(' ', ` ${server}`)}: `;
  return message.startsWith(before) ? message.slice(before.length) : message;
}

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'Nobody listens there: see that it runs, and that --kubeconfig names it'],
  [/ENOTFOUND|EAI_AGAIN/, 'Its name is not resolved here: see DNS, or name it by an address in --kubeconfig'],
  [/ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|timeout|timed out/i, 'It is not reached from here: see routes and firewalls'],
  [
    /certificate|CERT_|self.signed|altnames|unable to verify/i,
    'Its certificate is not the one that the kubeconfig trusts: see certificate-authority',
  ],
];

function remedyFor(cause: string): string {
  return (
    REMEDIES.find(([pattern]) => pattern.test(cause))?.[1] ?? 'See that it runs, and is the one that --kubeconfig names'
  );
}

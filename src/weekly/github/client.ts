import { endingWith } from '../collect/ending.ts';
import type { Mention } from '../subjects/subject-state.ts';
import { type GitHubRecord, recordOf } from './record.ts';

/** How GitHub is asked. */
export interface GitHubOptions {
  /** Where its API is; of GitHub Enterprise `https://HOST/api/v3`. */
  readonly baseUrl?: string;
  /** Sent to the API's own host only, and never told in an error. */
  readonly token?: string;
  readonly fetch: (
    url: string,
    init: { headers: Record<string, string>; redirect: 'manual'; signal: AbortSignal },
  ) => Promise<Response>;
  readonly now: () => Date;
}

/** An answer as of a moment; asked again with its `etag`, what has not changed costs nothing. */
export interface Answer<T> {
  /** Absent: nothing changed since the etag. */
  readonly value?: T;
  readonly etag?: string;
}

/** How something is asked for. */
export interface GitHubRequest {
  /** Of the answer before. */
  readonly etag?: string | undefined;
  /** Ends the request; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** GitHub does not answer what was asked. */
export class GitHubError extends Error {
  override readonly name = 'GitHubError';
  readonly status: number;
  /** When it may be asked again, where it says so. */
  readonly retryAt?: Date;

  constructor(message: string, status: number, retryAt?: Date) {
    super(message);
    this.status = status;
    if (retryAt !== undefined) this.retryAt = retryAt;
  }
}

const MAX_BYTES = 8 << 20;
const PAGE = 100;
/** A timeline is read this far; what names a subject after more events is not seen. */
const MAX_PAGES = 5;
/** A repository that was renamed is somewhere else in the same API. */
const MAX_REDIRECTS = 3;
const TIMEOUT_MS = 30_000;
/** Of a limit that does not say how long: a minute at least, as GitHub asks (docs.github.com: secondary rate limits). */
const UNSAID_WAIT_MS = 60_000;

/** Reads releases, pull requests and issues by GitHub's REST API (docs.github.com/rest), as often as it allows. */
export class GitHubClient {
  readonly #base: URL;
  readonly #options: GitHubOptions;
  /** Until then nothing is asked. */
  #closedUntil: Date | undefined;

  /** @throws Error for an address that a token would be sent to in the clear, and for what is no token */
  constructor(options: GitHubOptions) {
    this.#options = options;
    this.#base = new URL(`${(options.baseUrl ?? 'https://api.github.com').replace(/\/+$/, '')}/`);
    const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(this.#base.hostname);
    if (this.#base.protocol !== 'https:' && !isLocal)
      throw new Error(`a token must not be sent to ${this.#base.origin} in the clear: use https`);
    // what refuses a header tells its value
    if (options.token !== undefined && !/^[\x21-\x7e]+$/.test(options.token))
      throw new Error("the token must be one word of ASCII's letters, digits and signs");
  }

  /** A pull request or an issue. @throws GitHubError 404: there is none, or it is hidden */
  async numbered(
    kind: 'PullRequest' | 'Issue',
    repository: string,
    number: number,
    request: GitHubRequest = {},
  ): Promise<Answer<GitHubRecord>> {
    const path = `repos/${place(repository)}/${kind === 'PullRequest' ? 'pulls' : 'issues'}/${number}`;
    const { json, etag: next } = await this.#get(path, request);
    const value = json === undefined ? undefined : recordOf(json);
    return { ...(value && { value }), ...(next !== undefined && { etag: next }) };
  }

  /** The newest releases, pull requests or issues, by what was changed last. */
  async newest(
    kind: 'releases' | 'pulls' | 'issues',
    repository: string,
    request: GitHubRequest = {},
  ): Promise<Answer<readonly GitHubRecord[]>> {
    const query = kind === 'releases' ? '' : '&state=all&sort=updated&direction=desc';
    const { json, etag: next } = await this.#get(
      `repos/${place(repository)}/${kind}?per_page=${PAGE}${query}`,
      request,
    );
    if (json !== undefined && !Array.isArray(json))
      throw new Error(`Cannot read repos/${place(repository)}/${kind} of GitHub: its answer is no list`);
    const records = json?.map(recordOf).filter((record) => record !== undefined);
    // the list of issues has pull requests in it
    const value = kind === 'issues' ? records?.filter((record) => record.kind === 'Issue') : records;
    return { ...(value && { value }), ...(next !== undefined && { etag: next }) };
  }

  /** What names a pull request or issue, by its timeline. */
  async mentions(
    repository: string,
    number: number,
    { signal }: Pick<GitHubRequest, 'signal'> = {},
  ): Promise<readonly Mention[]> {
    const found: Mention[] = [];
    for (let page = 1; page <= MAX_PAGES; page++) {
      const { json } = await this.#get(
        `repos/${place(repository)}/issues/${number}/timeline?per_page=${PAGE}&page=${page}`,
        { signal },
      );
      const events = Array.isArray(json) ? (json as readonly Readonly<Record<string, unknown>>[]) : [];
      for (const event of events) {
        if (event.event !== 'cross-referenced') continue;
        const record = recordOf((event.source as { readonly issue?: unknown } | undefined)?.issue);
        if (record?.number === undefined) continue;
        const { url, title, state, text, repository: home, created = '' } = record;
        found.push({ url, title, state, text, number: record.number, repository: home, created });
      }
      if (events.length < PAGE) break;
    }
    return found;
  }

  async #get(
    path: string,
    { etag, signal }: GitHubRequest,
  ): Promise<{ readonly json?: unknown; readonly etag?: string }> {
    const { now } = this.#options;
    if (this.#closedUntil !== undefined && now() < this.#closedUntil)
      throw new GitHubError(
        `GitHub is not asked before ${this.#closedUntil.toISOString()}: its limit is reached`,
        429,
        this.#closedUntil,
      );
    const ending = endingWith(signal, TIMEOUT_MS, 'GitHub does not answer');
    try {
      const response = await this.#ask(path, etag, ending.signal);
      const next = response.headers.get('etag') ?? undefined;
      if (response.status === 304) {
        await response.body?.cancel();
        return etag === undefined ? {} : { etag };
      }
      const body = await bounded(response);
      if (!response.ok) throw this.#refusal(response, path, body);
      return { json: parsed(body, path), ...(next !== undefined && { etag: next }) };
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      ending.done();
    }
  }

  /** Follows redirects within the API; others would carry the token to another host. */
  async #ask(path: string, etag: string | undefined, signal: AbortSignal): Promise<Response> {
    const { token, fetch } = this.#options;
    const headers = {
      accept: 'application/vnd.github+json',
      'user-agent': 'nekube-weekly',
      'x-github-api-version': '2022-11-28',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(etag !== undefined && { 'if-none-match': etag }),
    };
    let url = new URL(path, this.#base);
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const response = await fetch(url.href, { headers, redirect: 'manual', signal }).catch((error: Error) => {
        signal.throwIfAborted();
        const { message } = (error.cause as Error | undefined) ?? error;
        throw new Error(`Cannot reach ${url.origin}: ${message}`, { cause: error });
      });
      const location = response.headers.get('location');
      if (![301, 302, 307, 308].includes(response.status) || location === null) return response;
      await response.body?.cancel();
      const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (target?.origin !== this.#base.origin)
        throw new GitHubError(
          `Cannot read ${path.split('?')[0]} of GitHub: it redirects to another host`,
          response.status,
        );
      url = target;
    }
    throw new GitHubError(`Cannot read ${path.split('?')[0]} of GitHub: it redirects without end`, 301);
  }

  #refusal({ status, statusText, headers }: Response, path: string, body: string): GitHubError {
    const { now, token } = this.#options;
    const said = /"message"\s*:\s*"([^"]{0,200})/.exec(body)?.[1] ?? statusText;
    const isLimit = status === 429 || (status === 403 && /rate limit/i.test(said));
    const retryAt = retryTime(headers, now()) ?? (isLimit ? new Date(now().getTime() + UNSAID_WAIT_MS) : undefined);
    if (retryAt !== undefined && (status === 403 || status === 429)) this.#closedUntil = retryAt;
    const words = `Cannot read ${path.split('?')[0]} of GitHub: ${status} ${said}`;
    return new GitHubError(token === undefined ? words : words.replaceAll(token, '…'), status, retryAt);
  }
}

/** By `Retry-After`, or when a limit that is used up begins anew (docs.github.com: rate limits for the REST API). */
function retryTime(headers: Headers, now: Date): Date | undefined {
  const after = Number(headers.get('retry-after') ?? Number.NaN);
  if (Number.isFinite(after)) return new Date(now.getTime() + Math.min(Math.max(after, 1), 86_400) * 1000);
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN) * 1000;
  if (headers.get('x-ratelimit-remaining') !== '0' || !Number.isFinite(reset)) return undefined;
  // limits are by the hour; whatever a server says, it is asked again the next day
  return new Date(Math.min(reset, now.getTime() + 86_400_000));
}

function parsed(body: string, path: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new Error(`Cannot read ${path.split('?')[0]} of GitHub: its answer is no JSON`, { cause: error });
  }
}

async function bounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > MAX_BYTES) throw new GitHubError('GitHub answers with more than 8 MiB', response.status);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function place(repository: string): string {
  return repository.split('/').map(encodeURIComponent).join('/');
}

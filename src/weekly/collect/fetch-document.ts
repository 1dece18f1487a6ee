import type { Agent, Dispatcher } from 'undici';
import { AddressGuard } from './addresses.ts';
import { freshSeconds, retryAfterSeconds } from './cache-times.ts';
import { endingWith } from './ending.ts';
import { type FailedFetch, failed, failureOf } from './fetch-failure.ts';
import { guardedAgent } from './guarded-agent.ts';
import { Permits } from './permits.ts';
import { readBody } from './read-body.ts';
import { type ResolveName, resolveBySystem } from './resolve-name.ts';
import { webUrl } from './web-url.ts';
import { addressWithoutSecrets } from './without-secrets.ts';

/** What is known of a document from the time before. */
export interface DocumentRequest {
  readonly url: string;
  readonly etag?: string;
  readonly lastModified?: string;
  readonly signal?: AbortSignal;
}

/** What is told of a document that was had, or has not changed. */
interface Had {
  /** Where it was in the end. */
  readonly url: string;
  /** Where it is from now on: as far as redirects were permanent. */
  readonly permanentUrl: string;
  readonly etag?: string;
  readonly lastModified?: string;
  /** How long it may be taken to stay as it is. */
  readonly freshSeconds?: number;
}

/** What became of a request; nothing is thrown, except when the signal of the request aborts it. */
export type FetchOutcome =
  | (Had & { readonly kind: 'document'; readonly bytes: Uint8Array; readonly contentType?: string })
  | (Had & { readonly kind: 'unchanged' })
  | { readonly kind: 'gone'; readonly url: string }
  | FailedFetch;

/** How documents are fetched. Times are in milliseconds, and for one document, with all its redirects. */
export interface FetcherOptions {
  /** Where the owners of sites may complain: an address of the web or of mail, which is sent as part of User-Agent. */
  readonly contact: string;
  /** Networks as `10.1.0.0/16` that may be connected with although they are not public; none by default. */
  readonly allowedNetworks?: readonly string[];
  /** 30 seconds. */
  readonly totalTimeoutMs?: number;
  /** Between two pieces of an answer; 10 seconds. */
  readonly idleTimeoutMs?: number;
  /** Decompressed; 8 MiB. */
  readonly maxBytes?: number;
  /** 10. */
  readonly maxRedirects?: number;
  /** Redirects from https to http are followed; false: whoever is between could write what is read. */
  readonly allowInsecureRedirects?: boolean;
  /** Connections to one origin at once; 2. */
  readonly connectionsPerOrigin?: number;
  /** Certificates of authorities that are trusted instead of those that Node trusts. */
  readonly ca?: string;
  /** How names become addresses; by name servers and the system, unless told otherwise. */
  readonly resolve?: ResolveName;
  /** The clock of dates in headers. */
  readonly now: () => number;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const PERMANENT = new Set([301, 308]);
const SMALL_BYTES = 1 << 20;
const LARGE_BODIES = 4;
const ACCEPT =
  'application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5';

/**
 * Fetches documents of the web by rules with bounds: public addresses only, verified certificates, a time and a size that end every
 * answer, redirects by hand. At most four bodies beyond 1 MiB are held at a time, so that memory is bounded by how many are fetched.
 */
export class DocumentFetcher {
  readonly #options: Required<Omit<FetcherOptions, 'ca' | 'resolve' | 'allowedNetworks'>>;
  readonly #agent: Agent;
  readonly #largeBodies = new Permits(LARGE_BODIES);

  constructor(options: FetcherOptions) {
    this.#options = {
      totalTimeoutMs: 30_000,
      idleTimeoutMs: 10_000,
      maxBytes: 8 << 20,
      maxRedirects: 10,
      allowInsecureRedirects: false,
      connectionsPerOrigin: 2,
      ...options,
    };
    this.#agent = guardedAgent({
      guard: new AddressGuard(options.allowedNetworks),
      connections: this.#options.connectionsPerOrigin,
      connectTimeoutMs: this.#options.idleTimeoutMs,
      idleTimeoutMs: this.#options.idleTimeoutMs,
      ...(options.ca !== undefined && { ca: options.ca }),
      resolve: options.resolve ?? resolveBySystem(),
    });
  }

  /** Fetches a document, unless it has not changed. Throws only the reason of its signal. */
  async fetch(request: DocumentRequest): Promise<FetchOutcome> {
    request.signal?.throwIfAborted();
    const ending = endingWith(request.signal, this.#options.totalTimeoutMs, 'there was no end');
    try {
      return await this.#follow(request, ending.signal);
    } catch (error) {
      request.signal?.throwIfAborted();
      return failureOf(ending.signal.aborted ? ending.signal.reason : error);
    } finally {
      ending.done();
    }
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #follow(request: DocumentRequest, signal: AbortSignal): Promise<FetchOutcome> {
    let url = webUrl(request.url);
    if (url === undefined)
      return failed('URLInvalid', `${addressWithoutSecrets(request.url)} is no address of http or https`);
    // what one host said of a document is told to no other
    const asked = url.hostname;
    let permanentUrl = url.href;
    let isPermanent = true;
    const visited = new Set<string>();
    for (;;) {
      visited.add(url.href);
      const known: Omit<DocumentRequest, 'url'> = url.hostname === asked ? request : {};
      const answer = await this.#ask(url, known, signal);
      const { statusCode, headers } = answer;
      // that it has not changed says nothing to who knows nothing of it
      const isKnown = known.etag !== undefined || known.lastModified !== undefined;
      if (!REDIRECTS.has(statusCode)) return await this.#read(answer, url, { permanentUrl, isKnown });
      await discard(answer);
      const target = webUrl(textOf(headers.location) ?? '', url);
      if (target === undefined) return failed('RedirectInvalid', `${told(url)} redirects to nothing of http or https`);
      if (url.protocol === 'https:' && target.protocol === 'http:' && !this.#options.allowInsecureRedirects)
        return failed(
          'RedirectInsecure',
          `${told(url)} redirects to ${told(target)}, which anybody between can change`,
        );
      isPermanent &&= PERMANENT.has(statusCode);
      if (isPermanent) permanentUrl = target.href;
      if (visited.has(target.href)) return failed('RedirectLoop', `${told(target)} redirects to itself`);
      if (visited.size > this.#options.maxRedirects)
        return failed(
          'TooManyRedirects',
          `${addressWithoutSecrets(request.url)} redirects more than ${this.#options.maxRedirects} times`,
        );
      url = target;
    }
  }

  #ask(
    url: URL,
    { etag, lastModified }: Omit<DocumentRequest, 'url'>,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    return this.#agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'GET',
      // closed after its answer, so that there are no more connections than requests
      reset: true,
      signal,
      headers: {
        'user-agent': `nekube-weekly (+${this.#options.contact})`,
        accept: ACCEPT,
        'accept-encoding': 'gzip, br, deflate',
        ...(etag !== undefined && { 'if-none-match': etag }),
        ...(lastModified !== undefined && { 'if-modified-since': lastModified }),
      },
    });
  }

  async #read(
    answer: Dispatcher.ResponseData,
    url: URL,
    { permanentUrl, isKnown }: { readonly permanentUrl: string; readonly isKnown: boolean },
  ): Promise<FetchOutcome> {
    const { statusCode, headers, body } = answer;
    const now = this.#options.now();
    const fresh = freshSeconds(headers, now);
    const had = {
      url: url.href,
      permanentUrl,
      ...(headers.etag !== undefined && { etag: textOf(headers.etag)! }),
      ...(headers['last-modified'] !== undefined && { lastModified: textOf(headers['last-modified'])! }),
      ...(fresh !== undefined && { freshSeconds: fresh }),
    };
    if (statusCode !== 200) {
      await discard(answer);
      if (statusCode === 304 && isKnown) return { kind: 'unchanged', ...had };
      if (statusCode === 410) return { kind: 'gone', url: url.href };
      const retryAfter = retryAfterSeconds(headers, now);
      const reason = statusCode === 429 ? 'TooManyRequests' : 'HTTPError';
      return {
        ...failed(reason, `${told(url)} answered ${statusCode}`),
        ...(retryAfter !== undefined && { retryAfterSeconds: retryAfter }),
      };
    }
    const limits = { maxBytes: this.#options.maxBytes, smallBytes: SMALL_BYTES, largeBodies: this.#largeBodies };
    const bytes = await readBody(body, textOf(headers['content-encoding']), limits);
    const contentType = textOf(headers['content-type']);
    return { kind: 'document', bytes, ...(contentType !== undefined && { contentType }), ...had };
  }
}

function told({ href }: URL): string {
  return addressWithoutSecrets(href);
}

/** Ends an answer whose body is not wanted. */
async function discard({ body }: Dispatcher.ResponseData): Promise<void> {
  await body.dump({ limit: 16 * 1024 }).catch(() => undefined);
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

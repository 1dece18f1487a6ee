import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:tls';
import { type GroupVersionKind, type KubeObject, parseDuration, stringifyJson } from 'nekube/apimachinery';
import { type Clock, systemClock } from 'nekube/client';
import type { HealthCheck } from '../health/health-checks.ts';
import { type Logger, silentLogger } from '../log/logger.ts';
import type { Runnable } from '../runnable.ts';
import { readBody } from '../serving/body.ts';
import type { CertificateSource } from '../serving/certificate-source.ts';
import { HttpService } from '../serving/http-service.ts';
import type { AdmissionHandler } from './admission.ts';
import { admissionWebhook } from './admission-review.ts';
import { combined } from './combined.ts';
import type { Converter } from './conversion.ts';
import { conversionWebhook } from './conversion-review.ts';
import type { WebhookCall, WebhookEndpoint, WebhookReply } from './endpoint.ts';
import { checkPath, CONVERT_PATH, mutatePath, validatePath } from './paths.ts';
import { type Defaulter, defaulting, validating, type Validator } from './typed.ts';

/** Is told what webhooks do. */
export interface WebhookMetrics {
  /** A request came; the result is called with the HTTP status and the time when it is answered. */
  begin(path: string): (code: number, durationMs: number) => void;
  panicked(kind: WebhookEndpoint['kind']): void;
  /** A webhook is served at a path. */
  registered(path: string): void;
}

/** How webhooks are served. */
export interface WebhookServerOptions {
  readonly certificates: CertificateSource;
  /** Default `127.0.0.1`; in a cluster `0.0.0.0`, where the API server must reach it. */
  readonly host?: string;
  /** Default 9443; 0 takes a free one. */
  readonly port?: number;
  /** PEM. The API server must show a certificate that this CA signed; default: none is asked for. */
  readonly clientCa?: string;
  /** A handler may take so long, and no longer than the API server says that it waits; default 30,000. */
  readonly timeoutMs?: number;
  /** Requests that are being served when the server stops may take so long; default 60,000. */
  readonly gracefulStopMs?: number;
  readonly logger?: Logger;
  readonly metrics?: WebhookMetrics;
  readonly clock?: Clock;
}

/** What is to be asked about one kind. */
export interface KindWebhooks<T extends KubeObject> {
  readonly defaulter?: Defaulter<T>;
  readonly validator?: Validator<T>;
}

/**
 * Serves webhooks over TLS, each at a path, with kubebuilder's paths for those of a kind. Every instance serves, whether
 * or not it leads.
 */
export class WebhookServer implements Runnable {
  readonly name = 'webhook server';
  readonly group = 'webhooks';
  readonly #options: WebhookServerOptions;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #endpoints = new Map<string, WebhookEndpoint>();
  readonly #converters: Converter[] = [];
  readonly #service: HttpService;

  constructor(options: WebhookServerOptions) {
    this.#options = options;
    this.#log = (options.logger ?? silentLogger).named('webhooks');
    this.#clock = options.clock ?? systemClock;
    const { certificates, host, port = 9443, clientCa, gracefulStopMs } = options;
    const served = {
      certificates,
      port,
      ...(host !== undefined && { host }),
      ...(clientCa !== undefined && { clientCa }),
      ...(gracefulStopMs !== undefined && { gracefulStopMs }),
    };
    this.#service = new HttpService('The webhook server', served, (request, response) =>
      this.#serve(request, response),
    );
  }

  /** Serves an endpoint at a path. @throws RangeError if the path is taken, or none */
  handle(path: string, endpoint: WebhookEndpoint): this {
    checkPath(path);
    if (this.#endpoints.has(path)) throw new RangeError(`Cannot serve a webhook at ${path}: there is one already`);
    this.#endpoints.set(path, endpoint);
    this.#options.metrics?.registered(path);
    this.#log.info('Serving a webhook', { path });
    return this;
  }

  /** Serves admission handlers at a path; several are asked in turn. */
  admit<T extends KubeObject>(path: string, ...handlers: readonly AdmissionHandler<T>[]): this {
    const handler = handlers.length === 1 ? handlers[0]! : combined(...handlers);
    return this.handle(path, admissionWebhook(handler as unknown as AdmissionHandler));
  }

  /** Serves what sets a kind's defaults and what validates it, at kubebuilder's paths. */
  kind<T extends KubeObject>(gvk: GroupVersionKind, { defaulter, validator }: KindWebhooks<T>): this {
    if (defaulter) this.admit(mutatePath(gvk), defaulting(defaulter));
    if (validator) this.admit(validatePath(gvk), validating(validator));
    return this;
  }

  /** Serves a kind's conversion, at `/convert`. @throws RangeError for a second converter of a kind */
  convert(converter: Converter): this {
    const endpoint = conversionWebhook([...this.#converters, converter]);
    if (this.#converters.length === 0) this.handle(CONVERT_PATH, endpoint);
    this.#endpoints.set(CONVERT_PATH, endpoint);
    this.#converters.push(converter);
    return this;
  }

  /** Where it is reached: `https://127.0.0.1:9443`. @throws Error before it listens */
  get url(): string {
    return this.#service.url;
  }

  start(signal: AbortSignal): Promise<void> {
    return this.#service.run(signal, () => this.#log.info('Serving webhooks', { url: this.url }));
  }

  ready(): Promise<void> {
    return this.#service.ready();
  }

  /** Healthy once webhooks are served and can be reached: a check for readiness. */
  readonly started: HealthCheck = async () => {
    const { address } = this.#service;
    if (address === undefined) throw new Error('webhook server has not been started yet');
    await new Promise<void>((resolve, reject) => {
      const { port, address: host } = address;
      // only whether it answers with TLS is of interest: the certificate is for another name, perhaps
      const socket = connect({ host, port, rejectUnauthorized: false }, () => resolve(void socket.destroy()));
      socket.setTimeout(10_000, () => socket.destroy(new Error('no answer within 10s')));
      socket.on('error', (cause) => reject(new Error(`webhook server is not reachable: ${cause.message}`, { cause })));
    });
  };

  /**
   * Answers a request that came by another way than its own port, as in a test whose API server is in the same process.
   * It need not be started for that, and never rejects.
   */
  async answer(call: Omit<WebhookCall, 'log'> & { readonly path: string }): Promise<WebhookReply> {
    const { path, contentType, body, signal } = call;
    const endpoint = this.#endpoints.get(path);
    if (endpoint === undefined) return { status: 404 };
    const began = this.#clock.elapsed();
    const end = this.#options.metrics?.begin(path);
    const read = { contentType, body: body.subarray(0, endpoint.maxBytes + 1), signal, log: this.#log.with({ path }) };
    const reply = await endpoint.answer(read);
    end?.(reply.status, this.#clock.elapsed() - began);
    if (reply.panicked) this.#options.metrics?.panicked(endpoint.kind);
    return reply;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(cleaned(request.url ?? '/'), 'https://webhook');
    const endpoint = this.#endpoints.get(pathname);
    if (endpoint === undefined) {
      request.resume();
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('404 page not found\n');
      return;
    }
    const began = this.#clock.elapsed();
    const end = this.#options.metrics?.begin(pathname);
    const reply = await this.#reply(endpoint, pathname, request, response, searchParams.get('timeout') ?? '');
    end?.(reply.status, this.#clock.elapsed() - began);
    if (reply.panicked) this.#options.metrics?.panicked(endpoint.kind);
    if (reply.body === undefined) {
      response.writeHead(reply.status).end();
      return;
    }
    response.writeHead(reply.status, { 'Content-Type': 'application/json' }).end(`${stringifyJson(reply.body)}\n`);
  }

  async #reply(
    endpoint: WebhookEndpoint,
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
    timeout: string,
  ): Promise<WebhookReply> {
    const over = new AbortController();
    const cancel = this.#clock.after(this.#limit(timeout), () => over.abort(new Error('the time is over')));
    response.on('close', () => over.abort(new Error('the connection was closed')));
    try {
      const body = await readBody(request, endpoint.maxBytes);
      const contentType = request.headers['content-type'] ?? '';
      return await endpoint.answer({ contentType, body, signal: over.signal, log: this.#log.with({ path }) });
    } catch (error) {
      this.#log.error(error, 'The webhook gave no answer', { path });
      return { status: 500, panicked: true };
    } finally {
      cancel();
    }
  }

  /** How long the API server waits for an answer, as it says in `?timeout=10s`, but at most our own limit. */
  #limit(timeout: string): number {
    const { timeoutMs = 30_000 } = this.#options;
    const asked = parseTimeout(timeout);
    return asked === undefined ? timeoutMs : Math.min(asked, timeoutMs);
  }
}

function cleaned(target: string): string {
  return target.replace(/^\/{2,}/, '/');
}

/** Milliseconds of a Go duration; undefined for what is none. */
function parseTimeout(text: string): number | undefined {
  try {
    return text === '' ? undefined : Number(parseDuration(text) / 1_000_000n);
  } catch {
    return undefined;
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Metrics } from 'nekube/metrics';
import { CertificateRotator } from '../certificates/certificate-rotator.ts';
import type { HealthChecks, HealthReply } from '../health/health-checks.ts';
import { type Logger, silentLogger } from '../log/logger.ts';
import type { AccessCheck } from '../metrics/metrics-access.ts';
import type { Runnable } from '../runnable.ts';
import type { CertificateSource } from './certificate-source.ts';
import { HttpService } from './http-service.ts';

/** What is served, where, and to whom. */
export interface OpsServerOptions {
  /** Served at `/metrics`. */
  readonly metrics?: Metrics;
  /** Who may read the metrics; default: everybody who reaches the server. */
  readonly access?: AccessCheck;
  /** Served at `/healthz`. */
  readonly healthz?: HealthChecks;
  /** Served at `/readyz`. */
  readonly readyz?: HealthChecks;
  /** What else is served, by its path, to those who may read the metrics. */
  readonly pages?: Readonly<Record<string, (query: URLSearchParams) => OpsPage>>;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Default: made at the start, signed by nobody. */
  readonly certificates?: CertificateSource;
  /** True: plain HTTP, which is for loopback alone. */
  readonly plain?: boolean;
  readonly logger?: Logger;
}

/** What is at a path. */
export interface OpsPage {
  readonly type: string;
  readonly text: string;
}

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Serves metrics and health: before everything else, until after everything else. Two of them, where the health is for
 * everybody and metrics are not.
 */
export class OpsServer implements Runnable {
  readonly name = 'metrics and health server';
  readonly group = 'http';
  readonly #options: OpsServerOptions;
  readonly #log: Logger;
  readonly #service: HttpService;

  constructor(options: OpsServerOptions) {
    this.#options = options;
    this.#log = (options.logger ?? silentLogger).named('ops');
    const { host, port, plain, certificates } = options;
    const served = {
      port,
      ...(host !== undefined && { host }),
      ...(!plain && { certificates: certificates ?? new CertificateRotator() }),
    };
    this.#service = new HttpService('The server of metrics and health', served, (request, response) =>
      this.#serve(request, response),
    );
  }

  /** Where it is reached: `https://127.0.0.1:8443`. @throws Error before it listens */
  get url(): string {
    return this.#service.url;
  }

  start(signal: AbortSignal): Promise<void> {
    return this.#service.run(signal, () => this.#log.info('Serving metrics and health', { url: this.url }));
  }

  ready(): Promise<void> {
    return this.#service.ready();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    const { pathname, searchParams } = new URL((request.url ?? '/').replace(/^\/{2,}/, '/'), 'https://ops');
    const { status, text, type = 'text/plain; charset=utf-8' } = await this.#answer(request, pathname, searchParams);
    response.writeHead(status, { 'Content-Type': type, 'X-Content-Type-Options': 'nosniff' }).end(text);
  }

  async #answer(
    request: IncomingMessage,
    path: string,
    query: URLSearchParams,
  ): Promise<{ status: number; text: string; type?: string }> {
    const { metrics, healthz, readyz } = this.#options;
    if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, text: 'Method Not Allowed\n' };
    if (path === '/metrics' && metrics) return this.#metrics(metrics, request, path);
    const page = this.#options.pages?.[path];
    if (page) return (await this.#refusal(request, path)) ?? { status: 200, ...page(query) };
    for (const [place, checks] of [['/healthz', healthz] as const, ['/readyz', readyz] as const]) {
      const below = checks && belowPlace(path, place);
      if (below !== undefined) return checks!.answer(below, query);
    }
    return NOT_FOUND;
  }

  /** The answer to those who may not read it. */
  async #refusal(request: IncomingMessage, path: string): Promise<{ status: number; text: string } | undefined> {
    const { authorization = '' } = request.headers;
    const access = await this.#options.access?.({ method: request.method ?? 'GET', path, authorization });
    return access === undefined || access.allowed ? undefined : access;
  }

  async #metrics(
    metrics: Metrics,
    request: IncomingMessage,
    path: string,
  ): Promise<{ status: number; text: string; type?: string }> {
    const { accept = '' } = request.headers;
    const refusal = await this.#refusal(request, path);
    if (refusal) return refusal;
    const open = accept.includes('application/openmetrics-text');
    return {
      status: 200,
      text: metrics.text(open ? 'openmetrics' : 'prometheus'),
      type: open ? OPENMETRICS : PROMETHEUS,
    };
  }
}

const NOT_FOUND: HealthReply = { status: 404, text: '404 page not found\n' };

function belowPlace(path: string, place: string): string | undefined {
  if (path === place) return '';
  return path.startsWith(`${place}/`) ? path.slice(place.length + 1) : undefined;
}

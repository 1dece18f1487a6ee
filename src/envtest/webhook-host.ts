import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { join } from 'node:path';
import {
  isJsonObject,
  isSameService,
  type JsonObject,
  type KubeObject,
  parseJson,
  type ServiceReference,
  StatusError,
  stringifyJson,
  type WebhookClientConfig,
  webhookService,
} from 'nekube/apimachinery';
import type { WebhookAddress, WebhookCalled, WebhookDispatch } from 'nekube/apiserver';
import { makeTemporaryFolder, removeTemporaryFolder } from 'nekube/files';
import type { PrivatePorts } from 'nekube/network';
import { processPki } from './certificates.ts';
import { type Level, UnsupportedAtLevelError } from './level.ts';
import type { Manifest } from './manifests.ts';

/** A call of a webhook by the server under test. */
export interface WebhookRequest {
  /** Without the query. */
  readonly path: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Aborted when the caller does not wait any more. */
  readonly signal: AbortSignal;
}

/** What is answered. */
export interface WebhookResponse {
  readonly status: number;
  readonly body?: JsonObject;
}

/** Answers all webhooks of a test, whatever their path. */
export type WebhookHandler = (request: WebhookRequest) => Promise<WebhookResponse>;

/** Where a server of webhooks is to listen, and with what. The files `tls.crt` and `tls.key` stand in `certDir`. */
export interface WebhookServing {
  readonly host: string;
  readonly port: number;
  readonly certDir: string;
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

/** A port of a Service. */
export type WebhookService = ServiceReference;

/**
 * Services whose webhooks are served by others than the test: by an operator that is a program, say. What names no CA trusts whom Node
 * does, and the CA of what `handOut` gives.
 */
export interface WebhookServices {
  /** What refers to these stays as it is, and gets the CA of what `handOut` gives. */
  readonly all: readonly WebhookService[];
  /** Where one is, also one that is not among these; undefined: where its object says. @throws Error, the cause of a call that fails */
  addressOf(service: WebhookService): Promise<WebhookAddress | undefined> | WebhookAddress | undefined;
  /** The same for a webhook that is known by a URL; undefined: where that says. */
  addressOfUrl?(url: URL): Promise<WebhookAddress | undefined>;
  /** Is told of each call of a webhook when it is over, wherever it is. */
  onCall?(call: CalledWebhook): void;
}

/** A call of a webhook that is over. */
export interface CalledWebhook {
  /** Absent: it is known by a URL. */
  readonly service?: WebhookService;
  /** Without a query; of a Service `https://NAME.NAMESPACE.svc:PORT/PATH`. */
  readonly url: string;
  /** An `AdmissionReview` or a `ConversionReview`; undefined for what is no object. */
  readonly asked: JsonObject | undefined;
  readonly answered: JsonObject | undefined;
  /** Why there was no answer, or none that is an object with a code below 300. */
  readonly failure?: string;
  readonly tookMs: number;
}

/** The host of webhooks that are answered in this process: nobody can have it, so that nothing is called by mistake. */
const IN_PROCESS = 'https://webhooks.envtest.invalid';
const HOST = '127.0.0.1';

/**
 * Where the webhooks of a test are. The configurations that it installs are pointed here, as controller-runtime's envtest
 * does: at fake to this process, elsewhere to a port that is held from the start, so that nobody else has it. It stays ours
 * when it is handed out: the program that is to listen there may take seconds to start, and until then a port of those that
 * systems give to connections would be anybody's.
 */
export class WebhookHost {
  readonly #level: Level;
  readonly #services: readonly WebhookService[];
  #server: Server | undefined;
  #handler: WebhookHandler | undefined;
  #certDir: string | undefined;
  #pair: Pair | undefined;
  #ports: PrivatePorts | undefined;
  #port = 0;
  #opening: Promise<void> | undefined;
  #handedOut = false;

  constructor(level: Level, services?: WebhookServices) {
    this.#level = level;
    this.#services = services?.all ?? [];
  }

  /** Takes a port, where there is one to take and it has none yet. */
  open(): Promise<void> {
    return (this.#opening ??= this.#level === 'fake' ? Promise.resolve() : this.#open());
  }

  async #open(): Promise<void> {
    const { servingCert: cert, servingKey: key } = processPki();
    const server = createServer({ cert, key }, (request, response) => void this.#serve(request, response));
    // loaded by who needs a port: at fake, where most tests are, nobody does
    const { PrivatePorts } = await import('nekube/network');
    this.#ports = new PrivatePorts(Math.random());
    this.#port = await this.#ports.take();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(this.#port, HOST, resolve));
    // an idle port is nothing that a process should wait for
    server.unref();
    this.#server = server;
  }

  /** Answers webhooks from now on; until then they fail. */
  serve(handler: WebhookHandler): void {
    if (this.#handedOut) throw new Error('Cannot serve webhooks: their port was handed out to another server');
    this.#handler = handler;
  }

  /**
   * Hands the port out to a server of the test's own, which is to listen there at once.
   *
   * @throws UnsupportedAtLevelError at fake, which has no ports
   */
  async handOut(): Promise<WebhookServing> {
    if (this.#level === 'fake')
      throw new UnsupportedAtLevelError(
        'fake',
        'listen for webhooks',
        'it has no sockets; hand their handler to serve()',
      );
    const { cert, key } = this.#certificate();
    await this.open();
    this.#handedOut = true;
    await this.#release();
    this.#certDir ??= writeCertificates(cert, key);
    return { host: HOST, port: this.#port, certDir: this.#certDir, cert, key };
  }

  /** Whether an object has webhooks that others serve. */
  isElsewhere(object: KubeObject): boolean {
    return holdersOf(object).some(({ clientConfig = {} }) => this.#isElsewhere(clientConfig));
  }

  #isElsewhere(config: WebhookClientConfig): boolean {
    if (!isObject(config.service)) return false;
    const service = webhookService(config)!;
    return this.#services.some((one) => isSameService(one, service));
  }

  /** The certificate that is handed out: where others serve webhooks, it has the names of their Services as well. */
  #certificate(): Pair {
    const { servingCert: cert, servingKey: key } = processPki();
    if (this.#services.length === 0) return { cert, key };
    return (this.#pair ??= this.#issued());
  }

  #issued(): Pair {
    const names = this.#services.flatMap(({ namespace, name }) => [
      `${name}.${namespace}.svc`,
      `${name}.${namespace}.svc.cluster.local`,
    ]);
    const hosts = ['localhost', ...new Set(names)];
    return processPki().issueServing({ subject: { commonName: 'webhooks' }, hosts, ips: [HOST] });
  }

  /** The same configuration, or definition with conversion, whose webhooks are here, or are trusted to be where others serve them. */
  redirect(manifest: Manifest): Manifest {
    const object = structuredClone(manifest.object);
    for (const holder of holdersOf(object)) {
      const { service, url } = holder.clientConfig ?? {};
      // what is no reference is for the server to refuse
      if (service !== undefined && service !== null && typeof service !== 'object') continue;
      if (service === undefined && url !== undefined) continue;
      const caBundle = Buffer.from(processPki().caCert).toString('base64');
      if (this.#isElsewhere(holder.clientConfig ?? {})) {
        holder.clientConfig = { ...holder.clientConfig, caBundle };
        continue;
      }
      const host = this.#level === 'fake' ? IN_PROCESS : `https://${HOST}:${this.#port}`;
      holder.clientConfig = { url: `${host}${service?.path ?? '/convert'}`, caBundle };
    }
    return { ...manifest, object };
  }

  /** Answers the calls of a server in this process. */
  readonly dispatch: WebhookDispatch = ({ url, body, headers, signal }) => {
    const { origin, pathname } = new URL(url);
    if (origin !== IN_PROCESS) return undefined;
    const bytes = Buffer.from(body);
    const call = { path: pathname, contentType: headers['content-type'] ?? '', body: bytes, signal };
    return this.#answer({ ...call, signal: signal ?? new AbortController().signal }).then((answer) => ({
      code: answer.status,
      contentType: 'application/json',
      body: Buffer.from(answer.body === undefined ? '' : stringifyJson(answer.body)),
    }));
  };

  async close(): Promise<void> {
    await this.#release();
    this.#ports?.giveAllBack();
    if (this.#certDir !== undefined) removeTemporaryFolder(this.#certDir);
  }

  async #release(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async #answer(request: WebhookRequest): Promise<WebhookResponse> {
    if (this.#handler === undefined) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    try {
      return await this.#handler(request);
    } catch (error) {
      // a mistake of the test is told by what the server makes of it, wherever that is
      return { status: 500, body: StatusError.from(error).status as unknown as JsonObject };
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const over = new AbortController();
    response.once('close', () => over.abort());
    try {
      const body = await buffer(request);
      const { pathname: path } = new URL((request.url ?? '/').replace(/^\/+/, '/'), IN_PROCESS);
      const contentType = request.headers['content-type'] ?? '';
      const answer = await this.#answer({ path, contentType, body, signal: over.signal });
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(answer.body === undefined ? '' : stringifyJson(answer.body));
    } catch {
      // as where nobody answers
      response.destroy();
    }
  }
}

/** What the server tells of a call, with the bodies as objects. */
export function calledWebhook({ target, body, answer, error, tookMs }: WebhookCalled): CalledWebhook {
  const answered = answer && objectIn(Buffer.from(answer.body).toString());
  const isAnswer = answer !== undefined && answer.code < 300 && answered !== undefined;
  const why = error instanceof Error ? error.message : String(error);
  const failure = answer === undefined ? why : `it answered with ${answer.code}`;
  return {
    ...(target.service && { service: target.service }),
    url: target.url,
    asked: objectIn(body),
    answered,
    ...(!isAnswer && { failure }),
    tookMs,
  };
}

function objectIn(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** As PEM. */
interface Pair {
  readonly cert: string;
  readonly key: string;
}

interface Holder {
  clientConfig?: WebhookClientConfig;
}

function holdersOf(object: KubeObject): Holder[] {
  return candidatesOf(object).filter(
    (holder): holder is Holder => isObject(holder) && isObject(holder.clientConfig ?? {}),
  );
}

function candidatesOf(object: KubeObject): (Holder | null)[] {
  if (object.kind !== 'CustomResourceDefinition') return Array.isArray(object.webhooks) ? object.webhooks : [];
  const { conversion } = object.spec;
  return conversion?.strategy === 'Webhook' ? [(conversion.webhook ??= { conversionReviewVersions: ['v1'] })] : [];
}

/** Manifests may hold anything anywhere. */
function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function writeCertificates(cert: string, key: string): string {
  const folder = makeTemporaryFolder('nekube-envtest');
  writeFileSync(join(folder, 'tls.crt'), cert, { mode: 0o600 });
  writeFileSync(join(folder, 'tls.key'), key, { mode: 0o600 });
  return folder;
}

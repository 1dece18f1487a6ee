import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { DEFAULT_CIPHERS } from 'node:tls';
import { customResourceDefinitionRules } from 'nekube/api';
import { newNotAcceptable, type StatusError } from 'nekube/apimachinery';
import type { Storage } from 'nekube/storage';
import { AdmissionChain } from './admission.ts';
import { pluginsOf } from './admission/index.ts';
import type { PluginSelection } from './admission/selection.ts';
import { anyOf, type Authentication, type StaticToken, staticTokens } from './authentication.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import { authorization, type AuthorizationMode } from './authorization/modes.ts';
import type { AuthorizationWebhook } from './authorization/webhook.ts';
import { type AuditBackend, type AuditLogOptions, openAuditLog } from './audit/log.ts';
import { auditEvaluator, type AuditPolicy } from './audit/policy.ts';
import { bootstrap } from './bootstrap.ts';
import { keepPolicyStatus, type PolicyStatusDeps } from './policy-status.ts';
import { runSigners, type SignerDeps } from './certificate-signers.ts';
import { ClientCertificates, type FrontProxy } from './client-certificates.ts';
import { header, type HttpRequest, type HttpResponse, type RequestContext } from './context.ts';
import { schemaChecks } from './customresources/definition-checks.ts';
import { policyRules } from './admission/policy/rules.ts';
import { CustomResources } from './customresources/index.ts';
import { notAcceptable, plainError } from './errors.ts';
import { type AuditOptions, withAudit } from './filters/audit.ts';
import { FlowControl } from './flowcontrol/flow-control.ts';
import { keepDangling } from './flowcontrol/dangling.ts';
import { withMetrics } from './filters/metrics.ts';
import { type InFlightLimits, withMaxInFlight } from './filters/max-in-flight.ts';
import { withPriorityAndFairness } from './filters/priority-and-fairness.ts';
import { withFailures } from './filters/failures.ts';
import { withAuthentication, withAuthorization, withImpersonation } from './filters/identity.ts';
import { REQUEST_DEADLINE_MS, withLifetime } from './filters/lifetime.ts';
import { negotiate, OBJECT_MEDIA_TYPES, parseAccept } from './media-type.ts';
import { type Filter, type Handler, pipeline } from './pipeline.ts';
import { ServerMetrics } from './metrics/server-metrics.ts';
import type { Pki } from './pki/pki.ts';
import type { SigningCa } from './pki/sign-request.ts';
import { type ServiceAccountOptions, ServiceAccountTokens } from './service-accounts/tokens.ts';
import { ServiceAllocations } from './service-allocations.ts';
import { ServiceReservations } from './service-reservations.ts';
import { decodePath, parseRequestInfo } from './request-info.ts';
import { Informer } from './registry/informer.ts';
import { Informers } from './registry/informers.ts';
import { Resources } from './registry/resources.ts';
import { Store, type WriteHooks } from './registry/store.ts';
import { route, type ServerDeps } from './routes.ts';
import { storedServices, WebhookClient } from './webhooks/index.ts';
import { type TokenWebhook, webhookTokens } from './token-webhook.ts';

/** How a server is started. */
export interface ServerOptions {
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Stays the caller's: it is not closed with the server. */
  readonly storage: Storage;
  readonly pki: Pki;
  readonly tokens?: readonly StaticToken[];
  /** PEM of CAs whose client certificates name users, beside the server's own. */
  readonly clientCa?: string;
  /** A proxy that may say who makes a request. */
  readonly frontProxy?: FrontProxy;
  /** Whether requests without credentials are those of `system:anonymous` (default), or refused. */
  readonly anonymousAuth?: boolean;
  /** How tokens of service accounts are made and checked; default: by keys of the server's own. */
  readonly serviceAccounts?: Partial<ServiceAccountOptions>;
  /** Who is asked whether a request is allowed, one after the other; default RBAC alone. */
  readonly authorizationModes?: readonly AuthorizationMode[];
  /** Which admission plugins run beside those that are on by default, and which of these do not. */
  readonly plugins?: PluginSelection;
  /** Who is asked in the mode Webhook. */
  readonly authorizationWebhook?: AuthorizationWebhook;
  /** Who is asked whose a token is that nobody else knows. */
  readonly tokenWebhook?: TokenWebhook;
  /** The CA that signs approved requests (the server's own), and how long at most what it signs lives (a year); null for none. */
  readonly signers?: { readonly ca?: SigningCa; readonly longestMs?: number } | null;
  /** Whether validating policies get a status that tells of expressions with wrong types; default false. */
  readonly policyStatus?: boolean;
  /** CIDR of cluster IPs, default `10.0.0.0/24`. */
  readonly serviceClusterIpRange?: string;
  /** How long a request may take, unless it runs long or asks for less; default 60 seconds. */
  readonly requestTimeoutMs?: number;
  /** Requests that are served at the same time; 0 is no limit. Default 400 that read and 200 that write. */
  readonly inFlight?: Partial<InFlightLimits>;
  /** False: the limits are for all requests alike, whoever makes them. Default true: they are shared out by flow control. */
  readonly priorityAndFairness?: boolean;
  /** What is audited, and where it is logged; default: nothing. */
  readonly audit?: { readonly policy: AuditPolicy; readonly log: AuditLogOptions };
  /** The clock, default the system's. */
  readonly now?: () => Date;
  /** Gets a line for each failure that is the server's own fault; default: none. Never gets a secret. */
  readonly log?: (line: string) => void;
}

/** A server that is ready. */
export interface RunningServer {
  /** `https://HOST:PORT` as clients reach it. */
  readonly url: string;
  /** Ends all watches and connections, and waits for the requests that are on their way. */
  close(): Promise<void>;
}

/** An idle connection, and one on which a request's head does not arrive, is closed after so long. */
const DEFINITIONS = 'apiextensions.k8s.io/customresourcedefinitions';
const HEADERS_TIMEOUT_MS = 30_000;
/** How long a request may take to arrive whole. */
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_HEADER_BYTES = 64 * 1024;
/** Those of TLS 1.3, the cheapest first, then Node's own for TLS 1.2. */
const CIPHERS = `TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:${DEFAULT_CIPHERS}`;
const MAX_STREAMS = 250;
const LONGEST_CERTIFICATE_MS = 365 * 24 * 60 * 60 * 1000;
/** kube-apiserver's defaults. */
const IN_FLIGHT: InFlightLimits = { reading: 400, mutating: 200 };
/** The part of a request's time that it may wait for its turn. */
const QUEUE_SHARE = 1 / 4;
const FLOW_CONTROL = 'flowcontrol.apiserver.k8s.io';
/** After this long `close` cuts off what has not ended. */
const CLOSE_GRACE_MS = 500;

/**
 * Starts an API server: makes what a fresh cluster has, listens with TLS, and resolves when it is ready.
 *
 * @throws Error if the address is in use or the storage fails
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = new ApiServer(options);
  try {
    await server.start();
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

class ApiServer implements RunningServer {
  readonly #options: ServerOptions;
  readonly #http: Http2SecureServer;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  /** What is being served last on each connection of HTTP/1.1. */
  readonly #turns = new WeakMap<object, Promise<void>>();
  readonly #closing = new AbortController();
  readonly #now: () => Date;
  readonly #deps: ServerDeps;
  readonly #signers: SignerDeps | undefined;
  readonly #policyStatus: PolicyStatusDeps | undefined;
  readonly #pipeline: Handler;
  readonly #auditLog: AuditBackend | undefined;
  readonly #metrics = new ServerMetrics();
  #address = '';

  constructor(options: ServerOptions) {
    this.#options = options;
    // each informer and each watch listens to it
    setMaxListeners(0, this.#closing.signal);
    this.#now = options.now ?? (() => new Date());
    const { pki, storage } = options;
    const resources = new Resources(
      this.#now,
      new Map([[DEFINITIONS, customResourceDefinitionRules(schemaChecks)], ...policyRules()]),
    );
    const hooks = new Map<string, WriteHooks>();
    const store = new Store(storage, hooks);
    const reservations = new ServiceReservations({
      storage,
      store,
      addresses: resources.builtin('networking.k8s.io', 'v1', 'ipaddresses'),
      services: resources.builtin('', 'v1', 'services'),
      now: this.#now,
    });
    const allocations = new ServiceAllocations(options.serviceClusterIpRange ?? '10.0.0.0/24', reservations);
    hooks.set('/registry/services/specs/', allocations);
    const accounts = new ServiceAccountTokens(
      { signingKey: pki.serviceAccountKey, ...options.serviceAccounts },
      { url: () => this.url, store, resources, now: this.#now },
    );
    const informers = new Informers(
      (group, version, resource) => new Informer(resources.builtin(group, version, resource), { store, storage }),
    );
    const webhooks = new WebhookClient(storedServices({ store, storage, resources }));
    const { authorizer, rules, roles } = authorization({
      modes: options.authorizationModes ?? ['RBAC'],
      informers,
      ...(options.authorizationWebhook && { webhook: options.authorizationWebhook }),
      webhooks: { client: webhooks, now: this.#now },
    });
    const plugins = { store, resources, storage, authorizer, informers, webhooks, now: this.#now };
    const { configurations, ...selection } = options.plugins ?? {};
    const admission = new AdmissionChain(pluginsOf({ ...plugins, configurations }, selection));
    const audiences = () => accounts.audiences;
    const authenticateToken = anyOf([
      staticTokens(options.tokens ?? [], audiences),
      (token, wanted) => accounts.authenticate(token, wanted),
      ...(options.tokenWebhook
        ? [webhookTokens(options.tokenWebhook, { client: webhooks, now: this.#now, audiences })]
        : []),
    ]);
    const { clientCa, frontProxy } = options;
    const certificates = new ClientCertificates({
      cas: clientCa === undefined ? [pki.caCert] : [pki.caCert, clientCa],
      ...(frontProxy && { frontProxy }),
    });
    const custom = new CustomResources({
      resources,
      storage,
      store,
      now: this.#now,
      log: (line) => options.log?.(line),
    });
    this.#deps = {
      storage,
      store,
      admission,
      authorizer,
      rules,
      roles,
      resources,
      accounts,
      authenticateToken,
      allocations,
      custom,
      informers,
      webhooks,
      metrics: this.#metrics,
      serverAddress: () => this.#address,
    };
    const log = (line: string): void => options.log?.(line);
    const policies = informers.of('admissionregistration.k8s.io', 'v1', 'validatingadmissionpolicies');
    this.#policyStatus =
      options.policyStatus === true ? { policies, resources, store, now: this.#now, log } : undefined;
    const { signers = {} } = options;
    this.#signers =
      signers === null
        ? undefined
        : {
            ca: { cert: pki.caCert, key: pki.caKey },
            longestMs: LONGEST_CERTIFICATE_MS,
            ...signers,
            requests: informers.of('certificates.k8s.io', 'v1', 'certificatesigningrequests'),
            resource: resources.builtin('certificates.k8s.io', 'v1', 'certificatesigningrequests'),
            store,
            now: this.#now,
            log,
          };
    const metrics = this.#metrics;
    const requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_DEADLINE_MS;
    const inFlight = { ...IN_FLIGHT, ...options.inFlight };
    const schemas = informers.of(FLOW_CONTROL, 'v1', 'flowschemas');
    const levels = informers.of(FLOW_CONTROL, 'v1', 'prioritylevelconfigurations');
    const flowControl = new FlowControl({
      schemas,
      levels,
      seats: inFlight.reading + inFlight.mutating,
      waitMs: requestTimeoutMs * QUEUE_SHARE,
    });
    if (options.priorityAndFairness !== false) metrics.watchFlowControl(flowControl);
    const auditLog = options.audit && openAuditLog(options.audit.log, this.#now, log);
    this.#auditLog = auditLog;
    this.#pipeline = pipelineOf({
      audit: options.audit && {
        decide: auditEvaluator(options.audit.policy),
        sink: (event) => {
          metrics.auditEvents.add([]);
          return auditLog?.take(event) ?? true;
        },
        now: this.#now,
        log,
        metrics,
      },
      authorizer,
      authentication: { tokens: authenticateToken, audiences, certificates, anonymous: options.anonymousAuth ?? true },
      limit:
        options.priorityAndFairness === false
          ? withMaxInFlight(inFlight)
          : withPriorityAndFairness(flowControl, metrics, this.#now),
      metrics: withMetrics(metrics, ({ group, version, resource, subresource }) => {
        const served = resources.find(group, version, resource);
        return (
          served !== undefined && (subresource === '' || served.subresources.some(({ name }) => name === subresource))
        );
      }),
      requestTimeoutMs,
      deps: this.#deps,
      closing: this.#closing.signal,
      log,
    });
    const { servingCert: cert, servingKey: key } = pki;
    this.#http = createSecureServer({
      allowHTTP1: true,
      cert,
      key,
      ca: certificates.cas,
      requestCert: true,
      rejectUnauthorized: false,
      ciphers: CIPHERS,
      honorCipherOrder: true,
      maxHeaderSize: MAX_HEADER_BYTES,
      settings: { maxConcurrentStreams: MAX_STREAMS },
    } as Parameters<typeof createSecureServer>[0]);
    this.#http.on('request', (request: HttpRequest, response: HttpResponse) => void this.#inTurn(request, response));
    this.#http.on('connection', (socket: Socket) => this.#track(this.#sockets, socket));
    this.#http.on('session', (session: ServerHttp2Session) => this.#track(this.#sessions, session));
    this.#http.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#http.on('sessionError', () => {});
    Object.assign(this.#http, { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS });
  }

  #track<
    T extends {
      once(event: 'close', listener: () => void): unknown;
      on(event: 'error', listener: () => void): unknown;
    },
  >(set: Set<T>, member: T): void {
    set.add(member);
    member.on('error', () => {});
    member.once('close', () => set.delete(member));
  }

  get url(): string {
    return `https://${this.#address}`;
  }

  async start(): Promise<void> {
    const { host, port } = this.#options.listen;
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, host, () => {
        this.#http.off('error', reject);
        resolve();
      });
    });
    const address = this.#http.address() as AddressInfo;
    this.#address =
      address.family === 'IPv6' ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`;
    await this.#deps.allocations.start(this.#closing.signal);
    await bootstrap(this.#deps, { now: this.#now(), address, firstClusterIp: this.#deps.allocations.firstIp });
    await this.#deps.informers.start(this.#closing.signal);
    if (this.#policyStatus !== undefined) void keepPolicyStatus(this.#policyStatus, this.#closing.signal);
    if (this.#signers !== undefined) void runSigners(this.#signers, this.#closing.signal);
    await this.#keepFlowSchemas();
    await this.#deps.custom.start(this.#closing.signal);
  }

  #keepFlowSchemas(): Promise<void> {
    const { resources, informers, store, storage } = this.#deps;
    return keepDangling({
      schemas: informers.of(FLOW_CONTROL, 'v1', 'flowschemas'),
      levels: informers.of(FLOW_CONTROL, 'v1', 'prioritylevelconfigurations'),
      resource: resources.builtin(FLOW_CONTROL, 'v1', 'flowschemas'),
      writer: { store, storage },
      now: this.#now,
      signal: this.#closing.signal,
      log: (line) => this.#options.log?.(line),
    });
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    const cut = setTimeout(() => {
      for (const session of this.#sessions) session.destroy();
      for (const socket of this.#sockets) socket.destroy();
    }, CLOSE_GRACE_MS);
    await closed;
    clearTimeout(cut);
    this.#deps.webhooks.close();
    await this.#auditLog?.close();
  }

  /** Requests that come pipelined on one connection of HTTP/1.1 are served one after the other (RFC 9112, 9.3.2). */
  async #inTurn(request: HttpRequest, response: HttpResponse): Promise<void> {
    if (request.httpVersionMajor !== 1) return this.#handle(request, response);
    const { socket } = request;
    const before = this.#turns.get(socket);
    const turn =
      before === undefined ? this.#handle(request, response) : before.then(() => this.#handle(request, response));
    this.#turns.set(socket, turn);
    await turn;
    if (this.#turns.get(socket) === turn) this.#turns.delete(socket);
  }

  async #handle(request: HttpRequest, response: HttpResponse): Promise<void> {
    const path = decodePath(pathOf(request));
    if (path === undefined) return refuseTarget(response);
    response.setHeader('audit-id', header(request, 'audit-id') || randomUUID());
    response.setHeader('cache-control', 'no-cache, private');
    await this.#pipeline(this.#contextOf(request, response, path));
  }

  #contextOf(request: HttpRequest, response: HttpResponse, path: string): RequestContext {
    const method = request.method ?? 'GET';
    const query = new URLSearchParams((request.url ?? '').slice(pathOf(request).length));
    return {
      request,
      response,
      method,
      info: parseRequestInfo(method, path, query),
      query,
      user: { name: '', groups: [] },
      ...acceptOf(request, query),
      now: this.#now(),
      warnings: [],
      annotations: new Map(),
      signal: this.#closing.signal,
    };
  }
}

/** The way of a request through the server: kube-apiserver's DefaultBuildHandlerChain. */
function pipelineOf(options: PipelineOptions): Handler {
  const { authorizer, authentication, closing, log, audit, limit, metrics, requestTimeoutMs } = options;
  return pipeline(
    [
      metrics,
      withFailures(log),
      withLifetime({ maximumMs: requestTimeoutMs, closing, audit, log }),
      withAuthentication(authentication, { audit, log }),
      withAudit(audit),
      withImpersonation(authorizer),
      limit,
      withAuthorization(authorizer),
    ],
    async (context) => {
      // what its time is over for has been answered, and is only to be audited
      if (context.signal.aborted) throw plainError('context deadline exceeded');
      if (!context.acceptable && (context.info.isResource || isGroupPath(context.info.path)))
        throw refusedAccept(context);
      await route(context, options.deps);
    },
  );
}

interface PipelineOptions {
  readonly authorizer: Authorizer;
  readonly authentication: Authentication;
  readonly deps: ServerDeps;
  readonly audit: AuditOptions | undefined;
  /** Bounds what is served at the same time. */
  readonly limit: Filter;
  readonly metrics: Filter;
  readonly requestTimeoutMs: number;
  readonly closing: AbortSignal;
  readonly log: (line: string) => void;
}

/** The part of the target before the query, still escaped. */
function pathOf(request: HttpRequest): string {
  const target = request.url ?? '/';
  const at = target.indexOf('?');
  return at < 0 ? target : target.slice(0, at);
}

/** What Go's HTTP server says to a target that is no URL, before anything of Kubernetes sees it. */
function refuseTarget(response: HttpResponse): void {
  response.writeHead(400, {
    'content-type': 'text/plain; charset=utf-8',
    ...(response.req.httpVersionMajor === 1 && { connection: 'close' }),
  });
  response.end('400 Bad Request');
}

/** 406: of the routes where no media type fits, of the negotiation where only the form that is asked for does not. */
function refusedAccept({ request, info }: RequestContext): StatusError {
  const types = Object.keys(OBJECT_MEDIA_TYPES);
  const known = parseAccept(header(request, 'accept')).some(
    ({ type }) => types.includes(type) || type === '*/*' || type === 'application/*',
  );
  return known
    ? newNotAcceptable(`only the following media types are accepted: ${types.join(', ')}`)
    : notAcceptable(['list', 'watch'].includes(info.verb) ? [...types, ...STREAM_TYPES] : types);
}

/** What routes of collections produce, too. */
const STREAM_TYPES = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

/** Versions of groups answer in the encodings of objects. */
function isGroupPath(path: string): boolean {
  return /^\/apis\/[^/]+\/[^/]+\/?$/.test(path) || path.startsWith('/api/v');
}

/** How the answer will be written: JSON, too, where nothing that the client takes can be. */
function acceptOf(request: HttpRequest, query: URLSearchParams): Pick<RequestContext, 'accept' | 'acceptable'> {
  const accept = negotiate(header(request, 'accept'), { pretty: wantsPretty(request, query) });
  if (accept !== undefined) return { accept, acceptable: true };
  // what cannot be answered as asked is answered in indented JSON
  return { accept: { encoding: 'json', mediaType: 'application/json', pretty: true }, acceptable: false };
}

/** `?pretty=true`, and browsers and curl, which cannot ask for it otherwise. */
function wantsPretty(request: HttpRequest, query: URLSearchParams): boolean {
  const asked = query.get('pretty');
  if (asked !== null) return asked !== 'false' && asked !== '0';
  return /^(curl|Wget|Mozilla\/5\.0)/.test(header(request, 'user-agent') ?? '');
}

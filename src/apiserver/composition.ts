import { customResourceDefinitionRules } from 'nekube/api';
import { AdmissionChain } from './admission.ts';
import { Aggregator } from './aggregation/aggregator.ts';
import { AutoRegister } from './aggregation/auto-register.ts';
import type { ClusterTrust } from './aggregation/cluster-trust.ts';
import { ServiceLookup } from './aggregation/service-lookup.ts';
import { pluginsOf } from './admission/index.ts';
import { policyRules } from './admission/policy/rules.ts';
import { LiveAudit } from './audit/live.ts';
import { type AuditBackend, openAuditLog } from './audit/log.ts';
import { auditEvaluator } from './audit/policy.ts';
import { anyOf, type Authentication, staticTokens } from './authentication/authentication.ts';
import { authorization } from './authorization/modes.ts';
import type { SignerDeps } from './certificate-signers.ts';
import { ClientCertificates } from './authentication/client-certificates.ts';
import { schemaChecks } from './customresources/definition-checks.ts';
import { CustomResources } from './customresources/index.ts';
import { ConflictDecisions } from './decisions/index.ts';
import type { AuditOptions } from './filters/audit.ts';
import { REQUEST_DEADLINE_MS } from './filters/lifetime.ts';
import { type InFlightLimits, withMaxInFlight } from './filters/max-in-flight.ts';
import { withMetrics } from './filters/metrics.ts';
import { withPriorityAndFairness } from './filters/priority-and-fairness.ts';
import { FlowControl } from './flowcontrol/flow-control.ts';
import { handlerChain } from './handler-chain.ts';
import { ServerMetrics } from './metrics/server-metrics.ts';
import type { Filter, Handler } from './pipeline.ts';
import type { PolicyStatusDeps } from './policy-status.ts';
import { Informer } from './registry/informer.ts';
import { Informers } from './registry/informers.ts';
import { Resources } from './registry/resources.ts';
import { Store } from './registry/store.ts';
import type { WriteHooks } from './registry/write-options.ts';
import type { RequestInfo } from './request-info.ts';
import type { ServerDeps } from './server-deps.ts';
import type { ServerOptions } from './server-options.ts';
import { ServiceAccountTokens } from './service-accounts/tokens.ts';
import { ServiceAllocations } from './service-allocations.ts';
import { ServiceReservations } from './service-reservations.ts';
import { webhookTokens } from './authentication/token-webhook.ts';
import { storedServices, WebhookClient } from './webhooks/index.ts';

/** The group of flow schemas and priority levels. */
export const FLOW_CONTROL = 'flowcontrol.apiserver.k8s.io';

const DEFINITIONS = 'apiextensions.k8s.io/customresourcedefinitions';
/** kube-apiserver's defaults. */
const CLUSTER_IPS = '10.0.0.0/24';
const IN_FLIGHT: InFlightLimits = { reading: 400, mutating: 200 };
const LONGEST_CERTIFICATE_MS = 365 * 24 * 60 * 60 * 1000;
/** The part of a request's time that it may wait for its turn. */
const QUEUE_SHARE = 1 / 4;

/** A server's parts, put together and not yet started. */
export interface Composition {
  readonly deps: ServerDeps;
  /** Serves a request, from its first filter on. */
  readonly serve: Handler;
  /** Whose client certificates are asked for, PEM. */
  readonly clientCas: readonly string[];
  /** What signs approved requests for certificates; undefined for nobody. */
  readonly signers: SignerDeps | undefined;
  /** What tells of wrong expressions in policies; undefined for nobody. */
  readonly policyStatus: PolicyStatusDeps | undefined;
  /** Keeps APIServices of custom resources. */
  readonly autoRegister: AutoRegister;
  /** Whom the servers of aggregated APIs may trust. */
  readonly trust: ClusterTrust;
  readonly now: () => Date;
  readonly log: (line: string) => void;
  /** Gives back what is not of one request, when there are no more of them. */
  close(): Promise<void>;
}

/** What parts know of the server that they are in. */
export interface Surroundings {
  /** Aborted when the server closes. */
  readonly closing: AbortSignal;
  /** `HOST:PORT`, once it listens. */
  readonly address: () => string;
}

/** Makes the parts of a server from its options. Nothing is read, written or listened to yet but the audit log's file. */
export function compose(options: ServerOptions, { closing, address }: Surroundings): Composition {
  const now = options.now ?? (() => new Date());
  const log = (line: string): void => options.log?.(line);
  const registry = registryOf(options, now);
  const { resources, informers } = registry;
  const metrics = new ServerMetrics();
  const stored = storedServices(registry);
  const webhooks = new WebhookClient(
    async (service) => (await options.webhookServices?.(service)) ?? (await stored(service)),
    {
      ...(options.onWebhookCall && { onCall: options.onWebhookCall }),
      ...(options.webhookDispatch && { dispatch: options.webhookDispatch }),
      ...(options.webhookUrls && { addressOf: options.webhookUrls }),
      ...(options.webhookCas && { cas: options.webhookCas }),
    },
  );
  const { accounts, authentication } = identityOf(options, registry, { webhooks, now, address });
  const access = authorization({
    modes: options.authorizationModes ?? ['RBAC'],
    informers,
    ...(options.authorizationWebhook && { webhook: options.authorizationWebhook }),
    webhooks: { client: webhooks, now },
  });
  const { authorizer } = access;
  const { configurations, ...selection } = options.plugins ?? {};
  const plugins = pluginsOf({ ...registry, authorizer, webhooks, now, configurations }, selection);
  const deps: ServerDeps = {
    ...registry,
    ...access,
    accounts,
    authenticateToken: authentication.tokens,
    kubelet: options.kubelet ?? {},
    podNetwork: options.podNetwork,
    admission: new AdmissionChain(plugins),
    custom: customResourcesOf(registry, { webhooks, now, log }),
    aggregator: aggregatorOf(options, registry, { now, log }),
    decisions: new ConflictDecisions({ ...registry, now, log }),
    webhooks,
    metrics,
    liveAudit: new LiveAudit(),
    serverAddress: address,
  };
  const requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_DEADLINE_MS;
  const auditLog = options.audit && openAuditLog(options.audit.log, now, log);
  const serve = handlerChain({
    audit: auditOf(options, auditLog, { metrics, now, log }),
    authorizer,
    authentication,
    limit: limitOf(options, informers, { metrics, now, requestTimeoutMs }),
    metrics: withMetrics(metrics, (info) => isServed(resources, info)),
    requestTimeoutMs,
    filters: options.filters ?? {},
    deps,
    closing,
    now,
    log,
  });
  const close = async (): Promise<void> => {
    webhooks.close();
    await auditLog?.close();
  };
  const signers = signersOf(options, registry, { now, log });
  const policyStatus = policyStatusOf(options, registry, { now, log });
  const apiServices = informers.of('apiregistration.k8s.io', 'v1', 'apiservices');
  const autoRegister = new AutoRegister({ ...registry, log }, apiServices, now);
  const trust = { clientCa: clientCasOf(options).join('\n'), frontProxy: options.frontProxy };
  const clientCas = authentication.certificates.cas;
  return { deps, serve, clientCas, signers, policyStatus, autoRegister, trust, now, log, close };
}

/** What objects are kept in and looked at through. */
type Registry = Pick<ServerDeps, 'storage' | 'store' | 'resources' | 'allocations' | 'informers'>;

function registryOf({ storage, serviceClusterIpRange = CLUSTER_IPS }: ServerOptions, now: () => Date): Registry {
  const rules = new Map([[DEFINITIONS, customResourceDefinitionRules(schemaChecks)], ...policyRules()]);
  const resources = new Resources(now, rules);
  const hooks = new Map<string, WriteHooks>();
  const store = new Store(storage, hooks);
  const addresses = resources.builtin('networking.k8s.io', 'v1', 'ipaddresses');
  const services = resources.builtin('', 'v1', 'services');
  const reservations = new ServiceReservations({ storage, store, addresses, services, now });
  const allocations = new ServiceAllocations(serviceClusterIpRange, reservations);
  hooks.set(services.keyPrefix, allocations);
  const informers = new Informers(
    (group, version, resource) => new Informer(resources.builtin(group, version, resource), { store, storage }),
  );
  return { storage, store, resources, allocations, informers };
}

function customResourcesOf(
  registry: Registry,
  { webhooks, now, log }: Pick<Composition, 'now' | 'log'> & Pick<ServerDeps, 'webhooks'>,
): CustomResources {
  const definitions = registry.informers.of('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
  return new CustomResources({ ...registry, definitions, webhooks, now, log });
}

function aggregatorOf(
  { proxyClient, aggregatorRouting = false, podNetwork }: ServerOptions,
  registry: Registry,
  { now, log }: Pick<Composition, 'now' | 'log'>,
): Aggregator {
  return new Aggregator({
    ...registry,
    services: registry.informers.of('apiregistration.k8s.io', 'v1', 'apiservices'),
    lookup: new ServiceLookup(registry, aggregatorRouting),
    client: proxyClient,
    podNetwork,
    now,
    log,
  });
}

/** Who makes a request: by tokens of three kinds, by certificates, or nobody knows. */
function identityOf(
  options: ServerOptions,
  { store, resources }: Registry,
  { webhooks, now, address }: { webhooks: WebhookClient; now: () => Date; address: () => string },
): { readonly accounts: ServiceAccountTokens; readonly authentication: Authentication } {
  const { pki, frontProxy, tokenWebhook } = options;
  const accounts = new ServiceAccountTokens(
    { signingKey: pki.serviceAccountKey, ...options.serviceAccounts },
    { url: () => `https://${address()}`, store, resources, now },
  );
  const audiences = () => accounts.audiences;
  const tokens = anyOf([
    staticTokens(options.tokens ?? [], audiences),
    (token, wanted) => accounts.authenticate(token, wanted),
    ...(tokenWebhook ? [webhookTokens(tokenWebhook, { client: webhooks, now, audiences })] : []),
  ]);
  const certificates = new ClientCertificates({ cas: clientCasOf(options), ...(frontProxy && { frontProxy }) });
  return { accounts, authentication: { tokens, audiences, certificates, anonymous: options.anonymousAuth ?? true } };
}

/** PEM of who signs certificates of users. */
function clientCasOf({ pki, clientCa }: ServerOptions): readonly string[] {
  return clientCa === undefined ? [pki.caCert] : [pki.caCert, clientCa];
}

/** What bounds how many requests are served at the same time. */
function limitOf(
  { inFlight, priorityAndFairness = true }: ServerOptions,
  informers: Informers,
  { metrics, now, requestTimeoutMs }: { metrics: ServerMetrics; now: () => Date; requestTimeoutMs: number },
): Filter {
  const limits = { ...IN_FLIGHT, ...inFlight };
  if (!priorityAndFairness) return withMaxInFlight(limits);
  const flowControl = new FlowControl({
    schemas: informers.of(FLOW_CONTROL, 'v1', 'flowschemas'),
    levels: informers.of(FLOW_CONTROL, 'v1', 'prioritylevelconfigurations'),
    seats: limits.reading + limits.mutating,
    waitMs: requestTimeoutMs * QUEUE_SHARE,
  });
  metrics.watchFlowControl(flowControl);
  return withPriorityAndFairness(flowControl, metrics, now);
}

function auditOf(
  { audit }: ServerOptions,
  backend: AuditBackend | undefined,
  { metrics, now, log }: Pick<AuditOptions, 'now' | 'log'> & { metrics: ServerMetrics },
): AuditOptions | undefined {
  if (audit === undefined) return undefined;
  const sink: AuditOptions['sink'] = (event) => {
    metrics.auditEvents.add([]);
    return backend?.take(event) ?? true;
  };
  return { decide: auditEvaluator(audit.policy), sink, now, log, metrics };
}

function signersOf(
  { signers = {}, pki }: ServerOptions,
  { store, resources, informers }: Registry,
  { now, log }: Pick<SignerDeps, 'now' | 'log'>,
): SignerDeps | undefined {
  if (signers === null) return undefined;
  return {
    ca: { cert: pki.caCert, key: pki.caKey },
    longestMs: LONGEST_CERTIFICATE_MS,
    ...signers,
    requests: informers.of('certificates.k8s.io', 'v1', 'certificatesigningrequests'),
    resource: resources.builtin('certificates.k8s.io', 'v1', 'certificatesigningrequests'),
    store,
    now,
    log,
  };
}

function policyStatusOf(
  { policyStatus = false }: ServerOptions,
  { store, resources, informers }: Registry,
  { now, log }: Pick<PolicyStatusDeps, 'now' | 'log'>,
): PolicyStatusDeps | undefined {
  const policies = informers.of('admissionregistration.k8s.io', 'v1', 'validatingadmissionpolicies');
  return policyStatus ? { policies, resources, store, now, log } : undefined;
}

/** False for what is asked for at random. */
function isServed(resources: Resources, { group, version, resource, subresource }: RequestInfo): boolean {
  const served = resources.find(group, version, resource);
  return served !== undefined && (subresource === '' || served.subresources.some(({ name }) => name === subresource));
}

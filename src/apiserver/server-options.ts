import type { ServiceReference } from 'nekube/apimachinery';
import type { Pki, SigningCa } from 'nekube/pki';
import type { Storage } from 'nekube/storage';
import type { PluginSelection } from './admission/selection.ts';
import type { ProxyClient } from './aggregation/backend-of.ts';
import type { AuditLogOptions } from './audit/log.ts';
import type { AuditPolicy } from './audit/policy.ts';
import type { StaticToken } from './authentication/authentication.ts';
import type { AuthorizationMode } from './authorization/modes.ts';
import type { AuthorizationWebhook } from './authorization/webhook.ts';
import type { KubeletOptions } from './connect/node-connection.ts';
import type { FrontProxy } from './authentication/client-certificates.ts';
import type { InFlightLimits } from './filters/max-in-flight.ts';
import type { Filter } from './pipeline.ts';
import type { ServiceAccountOptions } from './service-accounts/tokens.ts';
import type { TokenWebhook } from './authentication/token-webhook.ts';
import type { WebhookAddress, WebhookCalled, WebhookDispatch } from './webhooks/index.ts';

/** A network of pods in this process. */
export interface PodReach {
  /** Where this process reaches a port of an address that stands in the API. */
  reach(ip: string, port: number): { readonly host: string; readonly port: number };
}

/** How a server is started. */
export interface ServerOptions {
  /** Port 0 takes a free one. Absent: there is no socket, and the server is reached in its process only (`connect`). */
  readonly listen?: { readonly host: string; readonly port: number };
  /** Stays the caller's: it is not closed with the server. */
  readonly storage: Storage;
  readonly pki: Pki;
  readonly tokens?: readonly StaticToken[];
  /** PEM of CAs whose client certificates name users, beside the server's own. */
  readonly clientCa?: string;
  /** A proxy that may say who makes a request. */
  readonly frontProxy?: FrontProxy;
  /** With what the server shows the servers of aggregated APIs that it is a front proxy; default: it shows none. */
  readonly proxyClient?: ProxyClient;
  /** True: aggregated APIs are reached by the endpoints of their services alone. Default: by these, else by the cluster IP. */
  readonly aggregatorRouting?: boolean;
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
  /** What each request passes beside the server's own filters: for tests, which look on and put faults in its way. */
  readonly filters?: {
    /** Before all that may answer. */
    readonly first?: Filter;
    /** When it is known who makes the request and as whom; before it is asked whether that is allowed. */
    readonly identified?: Filter;
  };
  /** Is asked before a webhook is called over the network; what it answers is the answer. Undefined: not its webhook. */
  readonly webhookDispatch?: WebhookDispatch;
  /** Where a Service of webhooks is; undefined: where what is stored of it says. @throws Error that becomes the cause of the failed call */
  readonly webhookServices?: (
    service: ServiceReference,
  ) => Promise<WebhookAddress | undefined> | WebhookAddress | undefined;
  /** Where a webhook is that is known by a URL; undefined: where that says. @throws Error that becomes the cause of the failed call */
  readonly webhookUrls?: (url: URL) => Promise<WebhookAddress | undefined>;
  /** Is told of each call of a webhook when it is over. */
  readonly onWebhookCall?: (call: WebhookCalled) => void;
  /** PEM of who is trusted to sign for webhooks that name no CA; asked when one is called. Default: whom Node trusts. */
  readonly webhookCas?: () => string;
  /** True: the storage is known to have what a fresh cluster has, so that nothing of it is looked for. */
  readonly bootstrapped?: boolean;
  /** How the kubelets of nodes are reached, for logs, exec and the like. Default: without a certificate, and without verifying theirs. */
  readonly kubelet?: KubeletOptions;
  /** How pods are reached by the proxies of pods and services; default: as the network of this machine has it. */
  readonly podNetwork?: PodReach;
  /** The clock, default the system's. */
  readonly now?: () => Date;
  /** Gets a line for each failure that is the server's own fault; default: none. Never gets a secret. */
  readonly log?: (line: string) => void;
}

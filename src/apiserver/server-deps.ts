import type { Storage } from 'nekube/storage';
import type { AdmissionChain } from './admission.ts';
import type { Aggregator } from './aggregation/aggregator.ts';
import type { LiveAudit } from './audit/live.ts';
import type { TokenAuthenticator } from './authentication/authentication.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import type { RoleRules } from './authorization/rbac/role-rules.ts';
import type { RuleResolver } from './authorization/rule-resolver.ts';
import type { KubeletOptions } from './connect/node-connection.ts';
import type { CustomResources } from './customresources/index.ts';
import type { ConflictDecisions } from './decisions/index.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import type { Informers } from './registry/informers.ts';
import type { Resources } from './registry/resources.ts';
import type { Store } from './registry/store.ts';
import type { ServiceAccountTokens } from './service-accounts/tokens.ts';
import type { PodReach } from './server-options.ts';
import type { ServiceAllocations } from './service-allocations.ts';
import type { WebhookClient } from './webhooks/index.ts';

/** What requests are served with. */
export interface ServerDeps {
  readonly storage: Storage;
  readonly store: Store;
  readonly admission: AdmissionChain;
  readonly authorizer: Authorizer;
  /** What users may do, as a list. */
  readonly rules: RuleResolver;
  readonly roles: RoleRules;
  readonly resources: Resources;
  readonly accounts: ServiceAccountTokens;
  readonly allocations: ServiceAllocations;
  readonly custom: CustomResources;
  /** Serves the APIs of other servers. */
  readonly aggregator: Aggregator;
  /** What decides conflicts of applies. */
  readonly decisions: ConflictDecisions;
  readonly informers: Informers;
  /** Calls the webhooks of admission and conversion. */
  readonly webhooks: WebhookClient;
  /** How kubelets are reached. */
  readonly kubelet: KubeletOptions;
  /** How pods are reached whose addresses are known in this process alone; undefined: as the network has it. */
  readonly podNetwork: PodReach | undefined;
  /** Whose a token is. */
  readonly authenticateToken: TokenAuthenticator;
  readonly metrics: ServerMetrics;
  /** Tells those who follow of requests as they come. */
  readonly liveAudit: LiveAudit;
  /** `HOST:PORT`. */
  serverAddress(): string;
}

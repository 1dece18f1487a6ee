import type { KubeObject } from 'nekube/apimachinery';
import type { MinimalRoles } from '../access/minimal-roles.ts';
import type { Usage } from '../access/used.ts';
import type { Outcome } from '../observe/outcome.ts';
import type { OperatorService } from '../observe/operator-services.ts';
import type { Patience } from '../observe/session.ts';
import type { TrailRequest } from '../trail/request.ts';
import type { Coverage, Finding } from '../verdict/finding.ts';
import type { Judgement } from '../verdict/verdict.ts';

/** What an audit needs. */
export interface AuditOptions extends Patience {
  /** CustomResourceDefinitions, RBAC, namespaces and all else that is there before the operator: objects, or files and folders. */
  readonly manifests: readonly (KubeObject | string)[];
  /** A resource that the operator works on; it is made again and again, in other namespaces. */
  readonly sample: KubeObject;
  /** It was made by the schema: if the server refuses it, it is made otherwise. */
  readonly isSampleMade?: boolean;
  /** Kinds that it is probed with at another time, as in `malls.shop.example`: what it makes of these is none of this sample's. */
  readonly alsoProbed?: readonly string[];
  /** Resources of other kinds: where it reads one of a kind, it looks so. */
  readonly samples?: readonly KubeObject[];
  /** Services of the operator: webhooks of the manifests that name them are called, at the port of its process that they stand for. */
  readonly services?: readonly OperatorService[];
  /** How long all of it may take; default 120,000. Then it reports what it has. */
  readonly budgetMs?: number;
  readonly signal?: AbortSignal;
  /** What the manifests say of it, that no control plane is told. */
  readonly declared?: Declared;
  /** Gets a line for each step. */
  readonly onProgress?: (text: string) => void;
}

/** What an operator's manifests say of it. */
export interface Declared {
  /** Configurations of its webhooks: `KIND NAME`. */
  readonly webhooks?: readonly string[];
  /** What it has in a pod and lacks as a local process, as sentences. */
  readonly lacks?: readonly string[];
  /** OperatorHub's level, as in `Deep Insights`. */
  readonly capability?: string;
}

/** What came out of an audit. */
export interface AuditResult {
  /** What it was probed with: the one of the options, or another that the server takes, if that was made by the schema. */
  readonly sample: KubeObject;
  readonly judgement: Judgement;
  readonly findings: readonly Finding[];
  readonly coverage: Coverage;
  /** What it read, as lines: single objects, and what it listed and watched. */
  readonly reads: readonly string[];
  /** What the operator was refused, as lines: it lacks rights for it. */
  readonly denied: readonly string[];
  /** What it used of its rights, with the namespaces that the audit made as any namespace. */
  readonly usage: Usage;
  readonly roles: MinimalRoles;
  /** The ClusterRoles that there were when it was started: of every cluster, and of the manifests. */
  readonly clusterRoles: readonly KubeObject[];
  /** All requests, also those of others, in their order. */
  readonly trail: readonly TrailRequest[];
  /** What it makes of the sample, without what differs each time. */
  readonly base: Outcome;
  /** What was done with it, in this order, and how long that took. */
  readonly steps: readonly AuditStep[];
}

/** A part of an audit that was done. */
export interface AuditStep {
  readonly name: string;
  readonly tookMs: number;
}

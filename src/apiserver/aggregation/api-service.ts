import type { KubeObject } from 'nekube/apimachinery';
import { compareVersions } from '../customresources/definition.ts';

/** A service that serves a version of a group. */
export interface ServingService {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** What the aggregator looks at of an APIService. */
export interface ApiService extends KubeObject {
  readonly spec: {
    readonly group?: string;
    readonly version: string;
    readonly groupPriorityMinimum: number;
    readonly versionPriority: number;
    /** Absent for what this server serves itself. */
    readonly service?: ServingService;
    /** PEM in base64. */
    readonly caBundle?: string;
    readonly insecureSkipTLSVerify?: boolean;
  };
  status?: { readonly conditions?: readonly ApiServiceCondition[] };
}

/** A condition in the status of an APIService. */
export interface ApiServiceCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** An APIService that another server serves. */
export type RemoteApiService = ApiService & { readonly spec: { readonly service: ServingService } };

/** Whether another server serves it. */
export function isRemote(service: ApiService): service is RemoteApiService {
  return service.spec.service !== undefined;
}

/** Whether it was found that its server answers. */
export function isAvailable({ status }: ApiService): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Available' && value === 'True') ?? false;
}

/** The conditions with one in the place of another of its type; the time of the last transition stays while the status does. */
export function withCondition(
  conditions: readonly ApiServiceCondition[],
  condition: ApiServiceCondition,
): readonly ApiServiceCondition[] {
  const before = conditions.find(({ type }) => type === condition.type);
  if (before === undefined) return [...conditions, condition];
  const kept = before.status === condition.status ? before.lastTransitionTime : condition.lastTransitionTime;
  const now = { ...condition, ...(kept !== undefined && { lastTransitionTime: kept }) };
  return conditions.map((one) => (one === before ? now : one));
}

/** The path below which an APIService is served. */
export function servedPath({ spec: { group = '', version } }: ApiService): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** Groups with the highest priority first, each with its versions; the first APIService of a group says where it stands. */
export function sortedGroups(services: readonly ApiService[]): readonly (readonly ApiService[])[] {
  const sorted = [...services].sort(
    (a, b) =>
      b.spec.groupPriorityMinimum - a.spec.groupPriorityMinimum || (a.metadata.name! < b.metadata.name! ? -1 : 1),
  );
  const groups = new Map<string, ApiService[]>();
  for (const service of sorted) {
    const { group = '' } = service.spec;
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [service]);
    else members.push(service);
  }
  return [...groups.values()].map((members) =>
    members.sort(
      (a, b) => b.spec.versionPriority - a.spec.versionPriority || compareVersions(a.spec.version, b.spec.version),
    ),
  );
}

import { type KubeObject, type JsonObject, stringifyJson } from 'nekube/apimachinery';
import {
  actorOf,
  type AssessedGrant,
  assess,
  evidenceText,
  type Identity,
  type MinimalRoles,
  minimalRoles,
  reportedGrant,
  reportedRule,
  roleManifests,
  stableNames,
  subjectOf,
  type TrailRequest,
  ungranted,
  type Usage,
  usageOf,
  userOfAccount,
} from 'nekube/audit';
import { withCluster } from '../cluster.ts';
import { CliError, type Io, NegativeFinding } from '../io.ts';
import { readObjectFiles } from '../object-files.ts';
import { printable } from '../printable.ts';
import { namedAccount } from './account.ts';
import { failForRisk, grantsIn } from './granted.ts';
import { assessmentText, usageText } from './log-text.ts';
import type { RightsFlags } from './rights-flags.ts';

/** What is said of a user. */
export interface AuditReport {
  readonly user: string;
  readonly usage: Usage;
  readonly roles: MinimalRoles;
  /** Absent: it is not known what is granted. */
  readonly grants?: readonly AssessedGrant[];
}

/**
 * Prints what a user did and needs, and with RBAC objects what else it may do.
 *
 * @param objects what is granted; undefined: it is not known
 * @throws NegativeFinding: the user did nothing, or holds what is as risky as --fail-on says and was not used
 */
export function printRights(
  { requests, user, objects, whoElse }: RightsInput,
  flags: RightsFlags,
  io: Pick<Io, 'stdout' | 'stderr'>,
): void {
  const usage = usageOf(requests, user);
  if (usage.requests === 0) throw new NegativeFinding(`${JSON.stringify(user)} made no request${whoElse}`);
  const report: AuditReport = {
    user,
    usage,
    roles: rolesFor(requests, user, usage, flags),
    ...(objects !== undefined && {
      grants: assess(tellGranted(objects, identityIn(requests, user), usage, io), usage),
    }),
  };
  print(report, flags, io);
  const unused = report.grants?.filter(({ isMore }) => isMore) ?? [];
  failForRisk(
    unused.map(({ risk }) => risk),
    flags.failOn,
  );
}

/** What a report of rights is made of. */
export interface RightsInput {
  readonly requests: readonly TrailRequest[];
  readonly user: string;
  readonly objects: readonly KubeObject[] | undefined;
  /** Where others are to be found, for who made no request at all. */
  readonly whoElse: string;
}

/** Whom the flags name; undefined: nobody. */
export function userOf({ user, serviceaccount }: Pick<RightsFlags, 'user' | 'serviceaccount'>): string | undefined {
  if (serviceaccount === undefined) return user;
  if (user !== undefined) throw new CliError('--user and --serviceaccount name two; say one');
  return userOfAccount(namedAccount(serviceaccount));
}

function identityIn(requests: readonly TrailRequest[], user: string): Identity {
  const found = requests.map(actorOf).find(({ name }) => name === user);
  return found ?? { name: user, groups: [] };
}

function rolesFor(requests: readonly TrailRequest[], user: string, usage: Usage, flags: RightsFlags): MinimalRoles {
  const isNameSound = {
    sound: stableNames(requests, user, subjectOf(user).namespace),
    all: () => true,
    none: () => false,
  }[flags.names];
  return minimalRoles(usage, { isAnyNamespace: (name) => flags.anyNamespace?.includes(name) ?? false, isNameSound });
}

/** What is granted, by whoever the flags ask; undefined: it is not known. */
export async function rbacObjects(flags: RightsFlags, io: Io): Promise<readonly KubeObject[] | undefined> {
  if (flags.live && flags.rbac !== undefined) throw new CliError('--rbac and --live both say what is granted; say one');
  if (flags.live)
    return await withCluster(flags, io, async (client) => {
      const kinds = ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'];
      const lists = await Promise.all(
        kinds.map(async (kind) => {
          const type = { apiVersion: 'rbac.authorization.k8s.io/v1', kind };
          const { items } = await client.list(type, { signal: io.signal });
          return items.map((item) => ({ ...item, ...type }));
        }),
      );
      return lists.flat();
    });
  if (flags.rbac === undefined) return undefined;
  const objects: KubeObject[] = [];
  for await (const { object } of readObjectFiles(flags.rbac, { recursive: true }, io)) objects.push(object);
  return objects;
}

function tellGranted(objects: readonly KubeObject[], identity: Identity, usage: Usage, io: Pick<Io, 'stderr'>) {
  const grants = grantsIn(objects, identity, io);
  for (const used of ungranted(grants, usage))
    io.stderr(`warning: none of these roles grants ${printable(evidenceText(used))}\n`);
  return grants;
}

function print(report: AuditReport, flags: RightsFlags, io: Pick<Io, 'stdout' | 'stderr'>): void {
  const { roles, user, usage, grants } = report;
  const name =
    flags.roleName ??
    subjectOf(user)
      .name.replace(/[^a-zA-Z0-9.-]+/g, '-')
      .toLowerCase();
  for (const gap of usage.gaps) io.stderr(`warning: ${printable(gap)}\n`);
  if (usage.isWithoutList)
    io.stderr('note: it watched without list (WatchList); on servers before Kubernetes 1.32 it needs list as well\n');
  if (flags.output === 'json') return io.stdout(`${stringifyJson(jsonOf(report))}\n`);
  const manifests = roleManifests(roles, name, subjectOf(user));
  if (flags.output === 'yaml') return io.stdout(manifests);
  io.stdout(usageText(report));
  io.stdout(`\nThe smallest roles (-o yaml prints them alone):\n\n${manifests}`);
  if (grants !== undefined) io.stdout(`\n${assessmentText(grants)}`);
}

function jsonOf({ user, usage, roles, grants }: AuditReport): JsonObject {
  const { cluster, namespaces } = roles;
  const unused = grants?.filter(({ isMore }) => isMore);
  return {
    user,
    ...(usage.window && {
      window: { from: new Date(usage.window.from).toISOString(), to: new Date(usage.window.to).toISOString() },
    }),
    requests: usage.requests,
    denied: usage.denied.length,
    withoutOutcome: usage.withoutOutcome,
    gaps: usage.gaps,
    clusterRules: cluster.map(reportedRule),
    namespaceRules: Object.fromEntries([...namespaces].map(([name, rules]) => [name, rules.map(reportedRule)])),
    ...(unused && { unused: unused.map(reportedGrant) }),
  } as unknown as JsonObject;
}

import * as baseline from './baseline.ts';
import type { PodLike, Violation } from './pod.ts';
import type { LevelVersion } from './policy.ts';
import * as restricted from './restricted.ts';

/** A check as one version of Kubernetes has it, and all later ones until the next. */
interface Version {
  readonly since: number;
  readonly check: (pod: PodLike) => Violation | undefined;
}

/** A check over the versions. One of the restricted level may stand for one of the baseline. */
interface Check {
  readonly id: string;
  readonly versions: readonly Version[];
  readonly insteadOf?: string;
}

const always = (id: string, check: Version['check']): Check => ({ id, versions: [{ since: 0, check }] });

/** By their ids, in the order of messages. */
const BASELINE: readonly Check[] = [
  always('appArmorProfile', baseline.appArmorProfile),
  always('capabilities_baseline', baseline.capabilities),
  always('hostNamespaces', baseline.hostNamespaces),
  always('hostPathVolumes', baseline.hostPathVolumes),
  always('hostPorts', baseline.hostPorts),
  { id: 'hostProbesAndHostLifecycle', versions: [{ since: 34, check: baseline.probeHosts }] },
  always('privileged', baseline.privileged),
  {
    id: 'procMount',
    versions: [
      { since: 0, check: baseline.procMount },
      { since: 35, check: baseline.procMountUnlessOwnUsers },
    ],
  },
  {
    id: 'seLinuxOptions',
    versions: [
      { since: 0, check: baseline.seLinux },
      { since: 31, check: baseline.seLinuxWithEngine },
    ],
  },
  {
    id: 'seccompProfile_baseline',
    versions: [
      { since: 0, check: baseline.seccompAnnotations },
      { since: 19, check: baseline.seccompProfile },
    ],
  },
  { id: 'sysctls', versions: [0, 27, 29, 32].map((since) => ({ since, check: baseline.sysctls(since) })) },
  always('windowsHostProcess', baseline.windowsHostProcess),
];

const RESTRICTED: readonly Check[] = [
  {
    id: 'allowPrivilegeEscalation',
    versions: [
      { since: 8, check: restricted.privilegeEscalation },
      { since: 25, check: restricted.unlessWindows(restricted.privilegeEscalation) },
    ],
  },
  {
    id: 'capabilities_restricted',
    versions: [
      { since: 22, check: restricted.capabilitiesDropped },
      { since: 25, check: restricted.unlessWindows(restricted.capabilitiesDropped) },
    ],
    insteadOf: 'capabilities_baseline',
  },
  { id: 'procMount_restricted', versions: [{ since: 35, check: baseline.procMount }], insteadOf: 'procMount' },
  { ...always('restrictedVolumes', restricted.restrictedVolumes), insteadOf: 'hostPathVolumes' },
  {
    id: 'runAsNonRoot',
    versions: [
      { since: 0, check: restricted.runAsNonRoot },
      { since: 35, check: restricted.unlessOwnUsers(restricted.runAsNonRoot) },
    ],
  },
  {
    id: 'runAsUser',
    versions: [
      { since: 23, check: restricted.runAsUser },
      { since: 35, check: restricted.unlessOwnUsers(restricted.runAsUser) },
    ],
  },
  {
    id: 'seccompProfile_restricted',
    versions: [
      { since: 19, check: restricted.seccompRequired },
      { since: 25, check: restricted.unlessWindows(restricted.seccompRequired) },
    ],
    insteadOf: 'seccompProfile_baseline',
  },
];

/** What a level has against a pod; nothing if it may run. */
export function violationsOf({ level, minor }: LevelVersion, pod: PodLike): Violation[] {
  if (level === 'privileged') return [];
  const stricter = level === 'restricted' ? RESTRICTED.filter((one) => at(one, minor) !== undefined) : [];
  const replaced = new Set(stricter.map(({ insteadOf }) => insteadOf));
  const checks = [...BASELINE.filter(({ id }) => !replaced.has(id)), ...stricter];
  return checks.flatMap((one) => at(one, minor)?.(pod) ?? []);
}

function at({ versions }: Check, minor: number): Version['check'] | undefined {
  return versions.findLast(({ since }) => since <= minor)?.check;
}

/** `hostPort (container "a" uses hostPort 80), privileged (…)` */
export function inDetail(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ');
}

/** `hostPort, privileged` */
export function inShort(violations: readonly Violation[]): string {
  return violations.map(({ reason }) => reason).join(', ');
}

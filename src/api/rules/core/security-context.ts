import {
  duplicate,
  forbidden,
  invalid,
  isValidGroupId,
  isValidUserId,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import { type Check, each, fields, type Loose, matches, oneOf, type RuleContext, run } from '../rule.ts';
import type { PodCheckOptions } from './pod-options.ts';
import { checkAppArmorProfile, checkSeccompProfile } from './security-profiles.ts';
import { checkWindowsOptions } from './windows.ts';

const checkUserId = matches(isValidUserId as (id: Loose) => string[]);
const checkGroupId = matches(isValidGroupId as (id: Loose) => string[]);

/** The security context of a container; an unmasked /proc needs a user namespace. */
export function checkContainerSecurityContext(hostUsers: boolean): Check {
  const checkProcMount: Check = (mount, path, { errors }) => {
    if (!hostUsers || mount !== 'Unmasked') return;
    errors.push(invalid(path, mount, '`hostUsers` must be false to use `Unmasked`'));
  };
  const first = fields({
    runAsUser: checkUserId,
    runAsGroup: checkGroupId,
    procMount: [oneOf('Default', 'Unmasked'), checkProcMount],
    seccompProfile: checkSeccompProfile,
  });
  const last = fields({ windowsOptions: checkWindowsOptions, appArmorProfile: checkAppArmorProfile });
  return (securityContext, path, context) => {
    if (securityContext) run([first, checkEscalation, last], securityContext, path, context);
  };
}

const checkEscalation: Check = (securityContext, path, { errors }) => {
  const { allowPrivilegeEscalation, privileged, capabilities } = securityContext;
  if (allowPrivilegeEscalation !== false) return;
  const problem = (what: string) =>
    errors.push(
      invalidGo(
        path,
        'SecurityContext',
        securityContext,
        `cannot set \`allowPrivilegeEscalation\` to false and ${what}`,
      ),
    );
  if (privileged) problem('`privileged` to true');
  for (const added of capabilities?.add ?? [])
    if (added === 'CAP_SYS_ADMIN') problem('`capabilities.Add` CAP_SYS_ADMIN');
};

/** The security context of a pod. */
export function checkPodSecurityContext(spec: Loose, options: PodCheckOptions): Check {
  const policies = options.allowAnySeLinuxChangePolicy ? ['MountOption', 'Recursive'] : ['Recursive'];
  const checks = fields({
    fsGroup: checkGroupId,
    runAsUser: checkUserId,
    runAsGroup: checkGroupId,
    supplementalGroups: each(checkGroupId),
    shareProcessNamespace: checkSharedProcesses(spec),
    sysctls: checkSysctls(spec, options),
    fsGroupChangePolicy: oneOf('Always', 'OnRootMismatch'),
    seccompProfile: checkSeccompProfile,
    windowsOptions: checkWindowsOptions,
    appArmorProfile: checkAppArmorProfile,
    supplementalGroupsPolicy: oneOf('Merge', 'Strict'),
    seLinuxChangePolicy: oneOf(...policies),
  });
  return (securityContext, path, context) => checks(securityContext ?? {}, path, context);
}

/** Reports at the security context, where the field is kept internally. */
function checkSharedProcesses({ shareProcessNamespace, hostPID }: Loose): Check {
  return (_, path, { errors }) => {
    if (!shareProcessNamespace || !hostPID) return;
    errors.push(invalid(path, true, 'ShareProcessNamespace and HostPID cannot both be enabled'));
  };
}

const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL_PATTERN = `^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`;

function checkSysctls(spec: Loose, options: PodCheckOptions): Check {
  return (sysctls, path, context) => {
    const seen = new Set<string>();
    (sysctls ?? []).forEach(({ name = '' }: Loose, i: number) => {
      const at = path.index(i).child('name');
      checkSysctlName(name, at, seen, context);
      if (!options.allowNamespacedSysctlsForHostNetAndHostIpc) {
        const detail = hostSysctlProblem(name, spec);
        if (detail) context.errors.push(invalid(at, name, detail));
      }
      seen.add(name);
    });
  };
}

function checkSysctlName(name: string, at: Path, seen: ReadonlySet<string>, { errors }: RuleContext): void {
  if (name === '') errors.push(requiredError(at));
  else if (name.length > 253 || !new RegExp(SYSCTL_PATTERN).test(name)) {
    errors.push(invalid(at, name, `must have at most 253 characters and match regex ${SYSCTL_PATTERN}`));
  } else if (seen.has(name)) errors.push(duplicate(at, name));
}

const IPC_SYSCTLS = new Set([
  ...['kernel.sem', 'kernel.shmall', 'kernel.shmmax', 'kernel.shmmni', 'kernel.shm_rmid_forced', 'kernel.shm'],
  ...['kernel.msgmax', 'kernel.msgmnb', 'kernel.msgmni', 'kernel.msg'],
]);

/** Why a pod that shares namespaces of the host may not have this sysctl; undefined when it may. */
export function hostSysctlProblem(sysctl: string, { hostNetwork, hostIPC }: Loose): string | undefined {
  const name = dotted(sysctl).split('*')[0]!;
  if (hostNetwork && name.startsWith('net.')) return "may not be specified when 'hostNetwork' is true";
  const ipc = IPC_SYSCTLS.has(name) || name.startsWith('fs.mqueue.');
  return hostIPC && ipc ? "may not be specified when 'hostIPC' is true" : undefined;
}

/** A sysctl may be written with slashes, which then swap their meaning with dots. */
function dotted(sysctl: string): string {
  const separator = /[./]/.exec(sysctl)?.[0];
  if (separator !== '/') return sysctl;
  return sysctl.replace(/[./]/g, (c) => (c === '/' ? '.' : '/'));
}

/** What a pod with a user namespace of its own may not share with the host. */
export function checkHostUsers(options: PodCheckOptions): Check {
  return (spec, path, { errors }) => {
    if (spec.hostUsers !== false) return;
    const refuse = (at: Path) => errors.push(forbidden(at, 'when `hostUsers` is false'));
    if (spec.hostNetwork && !options.allowUserNamespacesWithHostNetwork) refuse(path.child('hostNetwork'));
    if (spec.hostPID) refuse(path.child('HostPID'));
    if (spec.hostIPC) refuse(path.child('HostIPC'));
    if (options.allowUserNamespacesWithVolumeDevices) return;
    for (const list of ['initContainers', 'containers', 'ephemeralContainers']) {
      (spec[list] ?? []).forEach((container: Loose, i: number) => {
        if (container.volumeDevices?.length > 0) refuse(path.child(list).index(i).child('volumeDevices'));
      });
    }
  };
}

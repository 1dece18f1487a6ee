import { goQuote } from 'nekube/apimachinery';
import {
  type Container,
  containersOf,
  distinct,
  hasOwnUsers,
  named,
  plural,
  type PodLike,
  quoted,
  type SecurityContext,
  setters,
  type Violation,
} from './pod.ts';

const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';

/** AppArmor is on, with the profile of the runtime or one of the node's. */
export function appArmorProfile({ metadata, spec }: PodLike): Violation | undefined {
  const isBad = (context: SecurityContext | undefined): boolean =>
    context?.appArmorProfile !== undefined && !['RuntimeDefault', 'Localhost'].includes(context.appArmorProfile.type);
  const badPod = isBad(spec.securityContext);
  const bad = containersOf(spec).filter((container) => isBad(container.securityContext));
  const types = [...(badPod ? [spec.securityContext] : []), ...bad.map((container) => container.securityContext)].map(
    (context) => context!.appArmorProfile!.type,
  );
  const annotations = Object.entries(metadata.annotations ?? {})
    .filter(([key, value]) => key.startsWith(APP_ARMOR) && !isProfile(value))
    .map(([key, value]) => `${key}=${goQuote(value)}`)
    .sort();
  const who = [setters(badPod, bad), annotations.length > 0 ? plural('annotation', annotations.length) : ''];
  const values = [...distinct(types), ...annotations];
  if (values.length === 0) return undefined;
  return {
    reason: plural('forbidden AppArmor profile', values.length),
    detail: `${who.filter((one) => one !== '').join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
  };
}

function isProfile(value: string): boolean {
  return value === '' || value === 'runtime/default' || value.startsWith('localhost/');
}

const CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** Only the capabilities that runtimes give by default. */
export function capabilities({ spec }: PodLike): Violation | undefined {
  const extra = ({ securityContext }: Container): string[] =>
    (securityContext?.capabilities?.add ?? []).filter((capability) => !CAPABILITIES.has(capability));
  const bad = containersOf(spec).filter((container) => extra(container).length > 0);
  if (bad.length === 0) return undefined;
  const which = quoted(distinct(bad.flatMap(extra)));
  const detail = `${named(bad)} must not include ${which} in securityContext.capabilities.add`;
  return { reason: 'non-default capabilities', detail };
}

/** Nothing is shared with the node's network, processes and messages. */
export function hostNamespaces({ spec }: PodLike): Violation | undefined {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field]);
  if (shared.length === 0) return undefined;
  return { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') };
}

/** No directory of the node. */
export function hostPathVolumes({ spec }: PodLike): Violation | undefined {
  const bad = (spec.volumes ?? []).filter((volume) => volume.hostPath !== undefined).map(({ name }) => name);
  if (bad.length === 0) return undefined;
  return { reason: 'hostPath volumes', detail: `${plural('volume', bad.length)} ${quoted(bad)}` };
}

/** No port of the node. */
export function hostPorts({ spec }: PodLike): Violation | undefined {
  const portsOf = ({ ports = [] }: Container): string[] =>
    ports.flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : []));
  const bad = containersOf(spec).filter((container) => portsOf(container).length > 0);
  if (bad.length === 0) return undefined;
  const ports = distinct(bad.flatMap(portsOf));
  const uses = bad.length === 1 ? 'uses' : 'use';
  return {
    reason: 'hostPort',
    detail: `${named(bad)} ${uses} ${plural('hostPort', ports.length)} ${ports.join(', ')}`,
  };
}

/** Probes and handlers go to the pod itself. */
export function probeHosts({ spec }: PodLike): Violation | undefined {
  const hostsOf = ({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Container): string[] =>
    [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop]
      .flatMap((handler) => [handler?.httpGet?.host, handler?.tcpSocket?.host])
      .filter((host): host is string => host !== undefined && host !== '');
  const bad = containersOf(spec).filter((container) => hostsOf(container).length > 0);
  if (bad.length === 0) return undefined;
  const names = distinct(bad.map(({ name }) => name));
  const hosts = distinct(bad.flatMap(hostsOf));
  const who = `${plural('container', names.length)} ${quoted(names)} ${names.length === 1 ? 'uses' : 'use'}`;
  return {
    reason: 'probe or lifecycle host',
    detail: `${who} ${plural('probe or lifecycle host', hosts.length)} ${quoted(hosts)}`,
  };
}

/** No container that is as good as the node. */
export function privileged({ spec }: PodLike): Violation | undefined {
  const bad = containersOf(spec).filter(({ securityContext }) => securityContext?.privileged);
  if (bad.length === 0) return undefined;
  return { reason: 'privileged', detail: `${named(bad)} must not set securityContext.privileged=true` };
}

/** /proc is masked. */
export function procMount({ spec }: PodLike): Violation | undefined {
  const mountOf = ({ securityContext }: Container): string => securityContext?.procMount ?? 'Default';
  const bad = containersOf(spec).filter((container) => mountOf(container) !== 'Default');
  if (bad.length === 0) return undefined;
  const detail = `${named(bad)} must not set securityContext.procMount to ${quoted(distinct(bad.map(mountOf)))}`;
  return { reason: 'procMount', detail };
}

/** /proc is masked, except for pods with users of their own. */
export function procMountUnlessOwnUsers(pod: PodLike): Violation | undefined {
  return hasOwnUsers(pod) ? undefined : procMount(pod);
}

const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';

/** Seccomp is on: of its annotations, before there was a field. */
export function seccompAnnotations({ metadata, spec }: PodLike): Violation | undefined {
  const keys = [SECCOMP, ...containersOf(spec).map(({ name }) => SECCOMP_CONTAINER + name)];
  const bad = keys.flatMap((key) => {
    const value = metadata.annotations?.[key];
    const fine =
      value === undefined || ['runtime/default', 'docker/default'].includes(value) || value.startsWith('localhost/');
    return fine ? [] : [`${key}=${goQuote(value)}`];
  });
  if (bad.length === 0) return undefined;
  const values = distinct(bad);
  return { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', values.length)} ${values.join(', ')}` };
}

/** Whether a security context turns seccomp off. */
export function hasBadSeccomp(context: SecurityContext | undefined): boolean {
  const profile = context?.seccompProfile;
  return profile !== undefined && profile.type !== 'Localhost' && profile.type !== 'RuntimeDefault';
}

/** Seccomp is not turned off. */
export function seccompProfile({ spec }: PodLike): Violation | undefined {
  const badPod = hasBadSeccomp(spec.securityContext);
  const bad = containersOf(spec).filter(({ securityContext }) => hasBadSeccomp(securityContext));
  if (!badPod && bad.length === 0) return undefined;
  const contexts = [...(badPod ? [spec.securityContext] : []), ...bad.map((container) => container.securityContext)];
  const types = distinct(contexts.map((context) => context!.seccompProfile!.type));
  const who = setters(badPod, bad);
  return {
    reason: 'seccompProfile',
    detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(types)}`,
  };
}

const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

/** SELinux has a type for containers, and no user and role of its own. */
export function seLinux(pod: PodLike): Violation | undefined {
  return checkSeLinux(pod, SELINUX_TYPES);
}

/** The same, with the type of container engines. */
export function seLinuxWithEngine(pod: PodLike): Violation | undefined {
  return checkSeLinux(pod, [...SELINUX_TYPES, 'container_engine_t']);
}

function checkSeLinux({ spec }: PodLike, types: readonly string[]): Violation | undefined {
  const isBad = (context: SecurityContext | undefined): boolean => {
    const options = context?.seLinuxOptions;
    return options !== undefined && (!types.includes(options.type ?? '') || !!options.user || !!options.role);
  };
  const badPod = isBad(spec.securityContext);
  const bad = containersOf(spec).filter(({ securityContext }) => isBad(securityContext));
  if (!badPod && bad.length === 0) return undefined;
  const contexts = [...(badPod ? [spec.securityContext] : []), ...bad.map((container) => container.securityContext)];
  const options = contexts.map((context) => context!.seLinuxOptions!);
  const badTypes = distinct(options.map(({ type = '' }) => type).filter((type) => !types.includes(type)));
  const data = [
    ...(badTypes.length > 0 ? [`${plural('type', badTypes.length)} ${quoted(badTypes)}`] : []),
    ...(options.some(({ user }) => user) ? ['user may not be set'] : []),
    ...(options.some(({ role }) => role) ? ['role may not be set'] : []),
  ];
  const detail = `${setters(badPod, bad)} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}`;
  return { reason: 'seLinuxOptions', detail };
}

/** Kernel parameters that are the pod's own, by the version that first allowed them. */
const SYSCTLS: readonly (readonly [minor: number, names: readonly string[]])[] = [
  [
    0,
    [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.tcp_syncookies',
      'net.ipv4.ping_group_range',
      'net.ipv4.ip_unprivileged_port_start',
    ],
  ],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [
    29,
    [
      'net.ipv4.tcp_keepalive_time',
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
    ],
  ],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
];

/** Only kernel parameters that a version knows to be the pod's own. */
export function sysctls(minor: number): (pod: PodLike) => Violation | undefined {
  const allowed = new Set(SYSCTLS.flatMap(([since, names]) => (since <= minor ? names : [])));
  return ({ spec }) => {
    const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !allowed.has(name));
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
  };
}

/** No container of Windows that is as good as the node. */
export function windowsHostProcess({ spec }: PodLike): Violation | undefined {
  const isBad = (context: SecurityContext | undefined): boolean => context?.windowsOptions?.hostProcess === true;
  const badPod = isBad(spec.securityContext);
  const bad = containersOf(spec).filter(({ securityContext }) => isBad(securityContext));
  if (!badPod && bad.length === 0) return undefined;
  const detail = `${setters(badPod, bad)} must not set securityContext.windowsOptions.hostProcess=true`;
  return { reason: 'hostProcess', detail };
}

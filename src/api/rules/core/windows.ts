import {
  byteLength,
  type FieldError,
  forbidden,
  invalid,
  isDns1123Subdomain,
  notSupported,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { type Check, fields, type Loose, matches } from '../rule.ts';
import { containersWithPath } from './security-profiles.ts';

const DNS_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const DNS_DOMAIN = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`);
const NETBIOS_DOMAIN = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\x00-\x1f\x7f]/;

/** The Windows options of a pod's or container's security context. */
export const checkWindowsOptions: Check = fields({
  gmsaCredentialSpecName: matches(isDns1123Subdomain),
  gmsaCredentialSpec: (spec: string | undefined, path, { errors }) => {
    if (spec === undefined) return;
    if (spec === '') errors.push(invalid(path, spec, 'gmsaCredentialSpec cannot be an empty string'));
    else if (byteLength(spec) > 64 * 1024)
      errors.push(invalid(path, spec, 'gmsaCredentialSpec size must be under 64 KiB'));
  },
  runAsUserName: (name: string | undefined, path, { errors }) => {
    for (const detail of name === undefined ? [] : userNameProblems(name)) {
      errors.push(invalid(path, name, `runAsUserName${detail}`));
    }
  },
});

function userNameProblems(name: string): string[] {
  if (name === '') return [' cannot be an empty string'];
  if (CONTROL.test(name)) return [' cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return [' cannot contain more than one backslash'];
  const user = parts.at(-1)!;
  return [...(parts.length === 2 ? domainProblems(parts[0]!) : []), ...userProblems(user)];
}

function domainProblems(domain: string): string[] {
  const problems = byteLength(domain) >= 256 ? ["'s Domain length must be under 256 characters"] : [];
  if (NETBIOS_DOMAIN.test(domain) || DNS_DOMAIN.test(domain)) return problems;
  return [...problems, "'s Domain doesn't match the NetBios nor the DNS format"];
}

function userProblems(user: string): string[] {
  const problems: string[] = [];
  if (user === '') problems.push("'s User cannot be empty");
  else if (byteLength(user) > 104) problems.push("'s User length must not be longer than 104 characters");
  if (/^[. ]+$/.test(user)) problems.push("'s User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    problems.push('\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]');
  }
  return problems;
}

/** Either all containers of a pod run as processes of a Windows host, or none. */
export const checkHostProcess: Check = (spec, path, { errors }) => {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const containers = containersWithPath(spec, path);
  let hostProcesses = 0;
  for (const { container, at } of containers) {
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const detail = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      errors.push(invalid(at.child('securityContext', 'windowsOptions', 'hostProcess'), own, detail));
    }
    if (own ?? ofPod) hostProcesses++;
  }
  if (hostProcesses === 0) return;
  if (hostProcesses !== containers.length) {
    const detail = 'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    errors.push(invalid(path, '', detail));
  }
  if (!spec.hostNetwork) {
    const detail = 'hostNetwork must be true if pod contains any hostProcess containers';
    errors.push(invalid(path.child('hostNetwork'), false, detail));
  }
};

/** What a pod may not have because of the operating system it names. */
export const checkOs: Check = (spec, path, { errors }) => {
  if (!spec.os) return;
  const { name = '' } = spec.os;
  const at = path.child('os');
  if (name === '') errors.push(requiredError(at.child('name')));
  else if (name === 'linux') checkLinux(spec, path, errors);
  else if (name === 'windows') checkWindows(spec, path, errors);
  else errors.push(notSupported(at, name, ['linux', 'windows']));
};

function checkLinux(spec: Loose, path: Path, errors: FieldError[]): void {
  for (const { container, at } of [{ container: spec, at: path }, ...containersWithPath(spec, path)]) {
    if (container.securityContext?.windowsOptions === undefined) continue;
    const field = at.child('securityContext', 'windowsOptions');
    errors.push(forbidden(field, 'windows options cannot be set for a linux pod'));
  }
}

/** Fields of a pod spec that a Windows pod may not have, as paths from the spec. */
const NOT_FOR_WINDOWS_PODS = [
  ...['securityContext.appArmorProfile', 'securityContext.seLinuxOptions', 'hostUsers', 'hostPID', 'hostIPC'],
  ...['securityContext.seccompProfile', 'securityContext.fsGroup', 'securityContext.fsGroupChangePolicy'],
  ...['securityContext.sysctls', 'shareProcessNamespace', 'securityContext.runAsUser', 'securityContext.runAsGroup'],
  ...['securityContext.supplementalGroups', 'securityContext.supplementalGroupsPolicy'],
  'securityContext.seLinuxChangePolicy',
];

const NOT_FOR_WINDOWS_CONTAINERS = [
  ...['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged'],
  ...['allowPrivilegeEscalation', 'procMount', 'runAsUser', 'runAsGroup'],
];

function checkWindows(spec: Loose, path: Path, errors: FieldError[]): void {
  const refuse = (at: Path) => errors.push(forbidden(at, 'cannot be set for a windows pod'));
  for (const name of NOT_FOR_WINDOWS_PODS) {
    const [first, second] = name.split('.') as [string, string?];
    const value = second === undefined ? spec[first] : spec[first]?.[second];
    const off = value === undefined || (value === false && /^host(PID|IPC)$/.test(first));
    if (!off) refuse(second === undefined ? path.child(first) : path.child(first, second));
  }
  for (const { container, at } of containersWithPath(spec, path)) {
    for (const name of NOT_FOR_WINDOWS_CONTAINERS) {
      if (container.securityContext?.[name] !== undefined) refuse(at.child('securityContext', name));
    }
  }
}

import { readFileSync } from 'node:fs';
import { missingPrograms, run } from './run.ts';

/** Capabilities of Linux by the number of their bit. */
const CAPABILITIES = { CAP_NET_ADMIN: 12, CAP_SYS_ADMIN: 21 } as const;

/** The name of a capability that networks need. */
export type Capability = keyof typeof CAPABILITIES;

/** What of these capabilities this process has not; all of them where it cannot be told. */
export function missingCapabilities(
  wanted: readonly Capability[],
  status: string = readOwnStatus(),
): readonly Capability[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return wanted.filter((name) => ((effective >> BigInt(CAPABILITIES[name])) & 1n) === 0n);
}

function readOwnStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}

/** Why this process cannot make namespaces for pods where it is; undefined if it can. */
export function whyNoNamespaces(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are of Linux';
  const rights = missingCapabilities(['CAP_NET_ADMIN', 'CAP_SYS_ADMIN']);
  if (rights.length > 0) return `no ${rights.join(' and ')}`;
  const programs = missingPrograms(['ip', 'unshare', 'nsenter', 'mount']);
  return programs.length > 0 ? `no program ${programs.join(', ')} (iproute2 and util-linux have them)` : undefined;
}

/** Why this process cannot enter a user namespace of its own, in which it has all rights; undefined if it can. */
export async function whyNoUserNamespace(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'user namespaces are of Linux';
  const programs = missingPrograms(['ip', 'unshare', 'nsenter', 'mount']);
  if (programs.length > 0) return `no program ${programs.join(', ')} (iproute2 and util-linux have them)`;
  try {
    await run('unshare', ['--user', '--map-root-user', '--net', '--mount', 'true']);
    return undefined;
  } catch (error) {
    const hint = 'see the sysctls user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns';
    return `no user namespace (${(error as Error).message}; ${hint})`;
  }
}

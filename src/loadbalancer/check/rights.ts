import { readFileSync } from 'node:fs';
import { release } from 'node:os';

/** What is known of a process's rights, in the words of the kernel. */
export interface RightsFacts {
  /** `/proc/self/status`. */
  readonly status: string;
  /** `/proc/self/uid_map`. */
  readonly uidMap: string;
  /** Of the kernel: `6.18.4`. */
  readonly release: string;
}

/** The numbers of capabilities, as `CapEff` has them. */
const CAPABILITIES = { CAP_NET_ADMIN: 12, CAP_NET_RAW: 13, CAP_SYS_ADMIN: 21, CAP_BPF: 39 } as const;

/** A capability that something here may need. */
export type Capability = keyof typeof CAPABILITIES;

/** Those that programs and maps need. CAP_PERFMON is none of them: the verifier lets these programs pass without. */
const FOR_DATAPATH: readonly Capability[] = ['CAP_BPF', 'CAP_NET_ADMIN'];
/** CAP_SYS_ADMIN has within it what CAP_BPF allows. */
const WITHIN: Partial<Readonly<Record<Capability, Capability>>> = { CAP_BPF: 'CAP_SYS_ADMIN' };
/** Until then memory of maps counted against a limit of the process (`ulimit -l`). */
const COUNTED_BEFORE = [5, 11] as const;

/** How capabilities are given. */
export const HOW_TO_GET_RIGHTS =
  'run it as root, or with the capabilities BPF and NET_ADMIN: securityContext.capabilities.add of a pod, AmbientCapabilities= of systemd, ' +
  'setpriv --inh-caps=+bpf,+net_admin --ambient-caps=+bpf,+net_admin; SYS_ADMIN only where no bpffs is mounted yet';

/** What of these capabilities the process has not. Pure. */
export function lackingCapabilities(
  status: string,
  wanted: readonly Capability[] = FOR_DATAPATH,
): readonly Capability[] {
  const has = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  const isHeld = (name: Capability): boolean => ((has >> BigInt(CAPABILITIES[name])) & 1n) === 1n;
  return wanted.filter((name) => !isHeld(name) && !isHeld(WITHIN[name] ?? name));
}

/** Why the kernel has refused bpf(2), in a sentence that names what is lacking. Pure. */
export function whyRefused({ status, uidMap, release: version }: RightsFacts): string {
  const lacking = lackingCapabilities(status);
  if (lacking.length > 0) return `This process lacks ${lacking.join(' and ')}`;
  if (!/^\s*0\s+0\s+4294967295\s*$/m.test(uidMap))
    return 'This process has its capabilities in a user namespace of its own, and the kernel asks for those of the machine (a rootless container)';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < COUNTED_BEFORE[0] || (major === COUNTED_BEFORE[0] && minor < COUNTED_BEFORE[1]))
    return `Linux ${major}.${minor} counts memory of maps against a limit of this process: raise it (ulimit -l unlimited, LimitMEMLOCK=infinity)`;
  return 'This process has CAP_BPF and CAP_NET_ADMIN, and is refused: by seccomp (of the container), lockdown or another security module';
}

/** The same of this process. */
export function whyRefusedHere(): string {
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  };
  return whyRefused({ status: read('/proc/self/status'), uidMap: read('/proc/self/uid_map'), release: release() });
}

import { readFileSync } from 'node:fs';
import { arch, availableParallelism, platform, release, totalmem } from 'node:os';
import { statfsSync } from 'node:fs';

/** How many pods a node takes, as the kubelet has it by default. */
const MOST_PODS = 110;
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

/** What this machine is, in the words of a node's status. */
export interface Machine {
  readonly os: string;
  readonly architecture: string;
  readonly capacity: Readonly<Record<string, string>>;
  readonly info: Readonly<Record<string, string>>;
}

/** Looks at this machine. @param version What the kubelet says it is: `v1.36.3` */
export function thisMachine(version: string, dir: string): Machine {
  const os = platform() === 'win32' ? 'windows' : platform();
  const architecture = ARCHITECTURES[arch()] ?? arch();
  const { blocks, bsize } = statfsSync(dir);
  return {
    os,
    architecture,
    capacity: {
      cpu: String(availableParallelism()),
      'ephemeral-storage': `${Math.floor((blocks * bsize) / 1024)}Ki`,
      memory: `${Math.floor(totalmem() / 1024)}Ki`,
      pods: String(MOST_PODS),
    },
    info: {
      machineID: textOf('/etc/machine-id'),
      systemUUID: textOf('/etc/machine-id'),
      bootID: textOf('/proc/sys/kernel/random/boot_id'),
      kernelVersion: release(),
      osImage: osImage(),
      containerRuntimeVersion: 'nekube://1',
      kubeletVersion: version,
      kubeProxyVersion: '',
      operatingSystem: os,
      architecture,
    },
  };
}

function osImage(): string {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(textOf('/etc/os-release'))?.[1] ?? platform();
}

/** Nothing where the system has no such file. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

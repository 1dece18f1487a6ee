import { homedir } from 'node:os';
import { join } from 'node:path';
import { KUBERNETES_VERSION } from 'nekube/apiserver';
import { AssetsError } from './errors.ts';

/** The version of Kubernetes that the programs are, which no other name makes another. */
export const ASSETS_VERSION = KUBERNETES_VERSION;

/** Where folders are looked for: the platform, the home, and the environment. */
export interface Place {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** That of this process. */
export function thisPlace(env: Place['env'] = process.env): Place {
  return { platform: process.platform, arch: process.arch, env, home: homedir() };
}

const GO_SYSTEMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin' };
const GO_ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  ppc64: 'ppc64le',
  s390x: 's390x',
};

/** `1.36.3-linux-amd64`, as setup-envtest names the folder of a version. @throws AssetsError on other systems */
export function platformName(version: string, { platform, arch }: Pick<Place, 'platform' | 'arch'>): string {
  const system = GO_SYSTEMS[platform];
  if (system === undefined)
    throw new AssetsError(
      `Cannot make the programs for ${platform}: they are scripts for Linux and macOS`,
      'use WSL on Windows',
    );
  return `${version}-${system}-${GO_ARCHITECTURES[arch] ?? arch}`;
}

/** Where what can be made anew is kept: `$XDG_CACHE_HOME/nekube/assets` and the like. */
export function cacheRoot({ platform, env, home }: Place): string {
  const standard = platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache');
  return join(absolute(env.NEKUBE_CACHE_DIR) ?? join(absolute(env.XDG_CACHE_HOME) ?? standard, 'nekube'), 'assets');
}

/** The store of setup-envtest, below which it looks for versions. */
export function setupEnvtestRoot({ platform, env, home }: Place): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'io.kubebuilder.envtest', 'k8s');
  return join(absolute(env.XDG_DATA_HOME) ?? join(home, '.local', 'share'), 'kubebuilder-envtest', 'k8s');
}

/** A relative one is no folder that others would find. */
function absolute(dir: string | undefined): string | undefined {
  return dir?.startsWith('/') ? dir : undefined;
}

/**
 * Reads a version as setup-envtest takes them: `1.36.3`, `v1.36.3`, `1.36`, `1.36.x`, `~1.36.1`, `latest`.
 *
 * @throws AssetsError for one that the programs do not have
 */
export function readVersion(text: string): string {
  const [major, minor, patch] = ASSETS_VERSION.split('.').map(Number) as [number, number, number];
  const [, least = '', ma, mi, pa] = /^(~?)v?(\d+)(?:\.(\d+|[x*])(?:\.(\d+|[x*])!?)?)?$/.exec(text) ?? [];
  const matches = (given: string | undefined, own: number): boolean =>
    given === undefined || /^[x*]$/.test(given) || Number(given) === own;
  const hasPatch = least === '~' ? Number(pa ?? 0) <= patch : matches(pa, patch);
  if (text === 'latest' || (matches(ma, major) && ma !== undefined && matches(mi, minor) && hasPatch))
    return ASSETS_VERSION;
  throw new AssetsError(
    `Cannot give Kubernetes ${text}: the programs are those of ${ASSETS_VERSION}`,
    `ask for ${ASSETS_VERSION}; where tests name another one, give its folder these programs: nekube assets install --as ${text}`,
  );
}

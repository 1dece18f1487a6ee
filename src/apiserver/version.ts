/** The Kubernetes version whose behaviour this server has. */
export const KUBERNETES_VERSION = '1.36.3';

const [major = '', minor = ''] = KUBERNETES_VERSION.split('.');

/** The answer of `GET /version` (version.Info). */
export const serverVersion = {
  major,
  minor,
  emulationMajor: major,
  emulationMinor: minor,
  minCompatibilityMajor: major,
  minCompatibilityMinor: String(Number(minor) - 1),
  gitVersion: `v${KUBERNETES_VERSION}`,
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: `node ${process.version}`,
  compiler: 'tsc',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
};

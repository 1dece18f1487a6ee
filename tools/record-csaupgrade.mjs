// Records what client-go's csaupgrade makes of managedFields, for the tests of src/ownership/migrate.
//
//   node tools/record-csaupgrade.mjs     needs Go; writes src/ownership/testdata/csaupgrade.jsonl
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Random } from '../suites/ownership/random.mjs';

const CASES = 300;
const FIELDS = [
  ['f:spec', 'f:replicas'],
  ['f:spec', 'f:template', 'f:spec', 'f:containers', 'k:{"name":"app"}', '.'],
  ['f:spec', 'f:template', 'f:spec', 'f:containers', 'k:{"name":"app"}', 'f:image'],
  ['f:spec', 'f:ports', 'k:{"port":80,"protocol":"TCP"}', 'f:targetPort'],
  ['f:metadata', 'f:annotations', 'f:kubectl.kubernetes.io/last-applied-configuration'],
  ['f:metadata', 'f:annotations', '.'],
  ['f:metadata', 'f:labels', 'f:a'],
  ['f:metadata', 'f:finalizers', 'v:"x/y"'],
  ['f:data', 'f:<&>'],
];

const cases = Array.from({ length: CASES }, (_, i) => JSON.stringify(caseOf(new Random(i + 1)))).join('\n');
const cwd = fileURLToPath(new URL('csaupgrade/', import.meta.url));
const ran = spawnSync('go', ['run', '.'], { cwd, input: cases, encoding: 'utf8', maxBuffer: 1 << 26 });
if (ran.status !== 0) throw new Error(`go run: ${ran.stderr || ran.error}`);
writeFileSync(new URL('../src/ownership/testdata/csaupgrade.jsonl', import.meta.url), ran.stdout);

function caseOf(random) {
  const entries = [];
  const seen = new Set();
  for (let n = random.below(6); n > 0; n--) {
    const entry = entryOf(random);
    const key = JSON.stringify([entry.manager, entry.operation, entry.apiVersion, entry.subresource]);
    if (!seen.has(key)) entries.push(entry);
    seen.add(key);
  }
  const from = random.some(['kubectl-client-side-apply', 'kubectl-edit', 'ci'], 0.6);
  return {
    entries,
    manager: random.pick(['ci', 'flux']),
    from,
    subresource: random.pick(['', '', '', 'status']),
    want: null,
  };
}

function entryOf(random) {
  const operation = random.pick(['Apply', 'Update', 'Update', 'Update']);
  return {
    manager: random.pick(['kubectl-client-side-apply', 'kubectl-edit', 'ci', 'flux', 'helm']),
    operation,
    apiVersion: random.pick(['apps/v1', 'apps/v1', 'apps/v1beta1']),
    ...(random.chance(0.8) && { time: `2026-01-0${1 + random.below(9)}T00:00:00Z` }),
    fieldsType: 'FieldsV1',
    fieldsV1: random.chance(0.03) ? { 'x:bad': {} } : fieldsOf(random),
    ...(random.chance(0.15) && { subresource: 'status' }),
  };
}

function fieldsOf(random) {
  const root = {};
  for (const path of random.some(FIELDS, 0.4).sort(() => random.next() - 0.5)) {
    let at = root;
    for (const element of path) at = at[element] ??= {};
  }
  return root;
}

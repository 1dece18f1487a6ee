// npm run suites -- website
//
// The example's tests at the three levels, each in a process of its own, as its user would run them; at cluster on the
// real kube-apiserver, if that is on this machine, whose administrators have a policy. Prints what docs/testing.md has.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from 'nekube/client';
import { lacks } from '../levels/levels.mjs';
import { startOracle } from '../../tools/oracle.mjs';

const RUNS = 5;
/** On a busy machine what a run took of the processor says more than how long it took. */
const TELL_CPU = `--import=data:text/javascript,${encodeURIComponent(
  "process.on('exit', () => { const { user, system } = process.cpuUsage(); console.error(`cpu ${Math.round((user + system) / 1000)} ms`); });",
)}`;
const example = fileURLToPath(new URL('../../examples/website-controller/', import.meta.url));

/** What the administrators of the cluster ask for in some namespaces. */
const POLICY = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'requests' },
  spec: {
    matchConstraints: {
      namespaceSelector: { matchLabels: { 'example.com/strict': 'true' } },
      resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['*'], resources: ['deployments'] }],
    },
    validations: [
      {
        expression: 'object.spec.template.spec.containers.all(c, has(c.resources) && has(c.resources.requests))',
        message: 'a container has no requests',
      },
    ],
  },
};
const BINDING = {
  ...POLICY,
  kind: 'ValidatingAdmissionPolicyBinding',
  spec: { policyName: 'requests', validationActions: ['Deny'] },
};

console.log(
  `| level | ${RUNS} runs of website.test.mjs, the quickest | of that the tests | processor |\n| --- | --- | --- | --- |`,
);
for (const level of ['fake', 'envtest']) measure(level, {});
const missing = lacks('cluster');
if (missing) console.error(`not at cluster: ${missing}`);
else await onCluster((KUBECONFIG) => measure('cluster', { KUBECONFIG }));
console.log(`\nload ${loadavg()[0].toFixed(0)}, ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`);

function measure(level, env) {
  const runs = Array.from({ length: RUNS }, () => play(level, 'website', env)).sort((a, b) => a.wholeMs - b.wholeMs);
  const { wholeMs, testsMs, cpuMs } = runs[0];
  play(level, 'findings', env);
  console.log(`| ${level} | ${Math.round(wholeMs)} ms | ${Math.round(testsMs)} ms | ${cpuMs} ms |`);
}

/** One run of a test file; the tests' own time is that between the first and the last. */
function play(level, name, env) {
  const began = performance.now();
  const { NODE_TEST_CONTEXT: _, ...rest } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [TELL_CPU, '--test-reporter=tap', join(example, `${name}.test.mjs`)],
    {
      env: { ...rest, ...env, NEKUBE_TEST_LEVEL: level },
      encoding: 'utf8',
    },
  );
  const wholeMs = performance.now() - began;
  if (status !== 0) throw new Error(`${name}.test.mjs failed at level ${level}:\n${stdout}`);
  const times = [...stdout.matchAll(/^ {4}ok .*\n {6}---\n {6}duration_ms: ([\d.]+)/gm)].map((found) =>
    Number(found[1]),
  );
  const cpuMs = Number(/cpu (\d+) ms/.exec(stderr)?.[1]);
  return { wholeMs, cpuMs, testsMs: times.reduce((sum, ms) => sum + ms, 0) };
}

async function onCluster(use) {
  const oracle = await startOracle();
  const { url, token, ca } = oracle;
  const folder = mkdtempSync(join(tmpdir(), 'nekube-website-'));
  try {
    const kubeconfig = join(folder, 'kubeconfig');
    const cluster = { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
    const config = {
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    };
    writeFileSync(kubeconfig, JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...config }), { mode: 0o600 });
    const client = await connect({ kubeconfig });
    await client.create(POLICY);
    await client.create(BINDING);
    await client.close();
    use(kubeconfig);
  } finally {
    await oracle.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

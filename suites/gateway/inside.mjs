// The cluster, the gateway and the suite's run, in the namespaces that run.mjs made.
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startNekube } from '../servers.mjs';
import { Results } from './results.mjs';
import { addTrustBundles } from './trust-bundles.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const docs = fileURLToPath(new URL('../../docs/conformance/', import.meta.url));
const PROFILES = ['GATEWAY-HTTP', 'GATEWAY-GRPC', 'GATEWAY-TLS', 'GATEWAY-TCP', 'GATEWAY-UDP'];
/** One that gateways may have, and one that is no address of this machine. */
const ADDRESSES = { usable: '10.239.254.200', unusable: '192.0.2.1' };

/** What the suite waits for, and how long is said by --patience. */
const WAITS = [
  ...['GatewayMustHaveAddress', 'GatewayMustHaveCondition', 'GatewayStatusMustHaveListeners', 'RouteMustHaveParents'],
  ...['GatewayListenersMustHaveConditions', 'ListenerSetMustHaveCondition', 'ListenerSetListenersMustHaveConditions'],
  ...[
    'HTTPRouteMustHaveCondition',
    'TLSRouteMustHaveCondition',
    'TCPRouteMustHaveCondition',
    'UDPRouteMustHaveCondition',
  ],
  ...['HTTPRouteMustNotHaveParents', 'MaxTimeToConsistency', 'LatestObservedGenerationSet', 'DefaultTestTimeout'],
];

const programs = JSON.parse(process.env.CONFORMANCE);
const { values, positionals: tests } = parseArgs({
  allowPositionals: true,
  options: {
    'data-plane': { type: 'string', default: 'envoy' },
    channel: { type: 'string', default: 'experimental' },
    record: { type: 'boolean' },
    verbose: { type: 'boolean' },
    log: { type: 'string' },
    profile: { type: 'string' },
    patience: { type: 'string' },
  },
});

spawnSync('ip', ['link', 'set', 'lo', 'up'], { stdio: 'inherit' });
const dir = mkdtempSync(join(tmpdir(), 'nekube-conformance-'));
const log = createWriteStream(values.log ?? join(dir, 'log'));
const profiled = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
const began = performance.now();
try {
  process.exitCode = await runSuite();
} finally {
  rmSync(dir, { recursive: true, force: true });
}

async function runSuite() {
  const images = join(dir, 'images.yaml');
  writeFileSync(
    images,
    `images: [{ name: 'registry.k8s.io/gateway-api/conformance/echo-basic:*', entrypoint: ['${programs.echo}'] }]\n`,
  );
  const args = [
    '--controllers',
    'all',
    '--namespace-deletion-grace',
    '0s',
    '--nodes',
    '2',
    '--images',
    images,
    '--network',
    'namespaces',
  ];
  const server = await startNekube({ args, nodeArgs: profiled });
  await addTrustBundles(server.kubeconfig);
  tell(`cluster: ready`);
  const gateway = await startGateway(server.kubeconfig);
  tell('gateway: ready');
  const results = await runTests(server.kubeconfig);
  await Promise.all([gateway.stop(), server.stop()]);
  tell(results.summary());
  return tests.length > 0 ? results.exitCode() : results.compare(values['data-plane'], values.record, docs);
}

/** The definitions, a class, and what serves it. */
async function startGateway(kubeconfig) {
  const flags = ['--kubeconfig', kubeconfig];
  const install = spawnSync(process.execPath, [MAIN, 'gateway', 'install', ...flags, '--channel', values.channel], {
    encoding: 'utf8',
  });
  if (install.status !== 0) throw new Error(install.stderr);
  const plane = [
    '--data-plane',
    values['data-plane'],
    ...(programs.envoy ? ['--envoy', programs.envoy, '--envoy-folder', join(dir, 'envoy')] : []),
  ];
  const child = spawn(process.execPath, [...profiled, MAIN, 'gateway', 'run', ...flags, ...plane], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.pipe(log, { end: false });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  await new Promise((resolve, reject) => {
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      log.write(text);
      said += text;
      if (/^nekube: gateway ready/m.test(said)) resolve();
    });
    ended.then((code) => reject(new Error(`nekube gateway run ended with ${code}\n${said}`)));
  });
  return {
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

async function runTests(kubeconfig) {
  const report = join(dir, 'report.yaml');
  const only = tests.length > 0 ? [`-test.run=^TestConformance$/^(${tests.join('|')})$`] : [];
  const flags = [
    // tells of each test when it ends, and not of all at the end
    '-test.v=test2json',
    '-test.timeout=20m',
    // most of them wait
    '-test.parallel=16',
    ...only,
    ...(values.patience === undefined ? [] : [`--timeout-config-overrides=${patience(values.patience)}`]),
    '--gateway-class=nekube',
    `--conformance-profiles=${PROFILES.join(',')}`,
    '--cleanup-base-resources=false',
    `--usable-address=${ADDRESSES.usable}`,
    `--unusable-address=${ADDRESSES.unusable}`,
    `--report-output=${report}`,
    '--organization=nekube',
    '--project=nekube',
    '--url=https://www.npmjs.com/package/nekube',
    `--version=v${JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version}`,
    '--contact=https://www.npmjs.com/package/nekube',
  ];
  const child = spawn(programs.conformance, flags, {
    cwd: dir,
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const results = new Results(report, (line) => tell(line));
  child.stdout.setEncoding('utf8').on('data', (text) => {
    log.write(text);
    if (values.verbose) process.stdout.write(text);
    results.read(text);
  });
  child.stderr.on('data', (text) => log.write(text));
  await new Promise((resolve) => child.on('close', resolve));
  return results;
}

/** How long is waited for what does not come; for trying things out, since a report counts with the suite's own times only. */
function patience(seconds) {
  return WAITS.map((name) => `${name}:${seconds}`).join(';');
}

function tell(line) {
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`);
}

// The cluster, the gateway and a part of the suite's run, in the namespaces and the temporary folder that run.mjs made. What became
// of the tests it writes to states.json, the suite to report.yaml.
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect } from 'nekube/client';
import { startNekube } from '../servers.mjs';
import { Results } from './results.mjs';
import { addTrustBundles } from './trust-bundles.mjs';

const MAIN = fileURLToPath(new URL('../../dist/bin/nekube.js', import.meta.url));
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

const { part, ...programs } = JSON.parse(process.env.CONFORMANCE);
const { values } = parseArgs({
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
const dir = tmpdir();
const ofPart = part.name === undefined ? '' : `.${part.name}`;
const log = createWriteStream(values.log === undefined ? join(dir, 'log') : `${values.log}${ofPart}`);
const profiled = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
const began = performance.now();
await runSuite();

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
  const server = await startNekube({ args, nodeArgs: profiled, main: MAIN });
  await addTrustBundles(server.kubeconfig);
  tell(`cluster: ready`);
  const gateway = await startGateway(server.kubeconfig);
  await untilFeaturesAreTold(server.kubeconfig);
  tell('gateway: ready');
  const { states } = await runTests(server.kubeconfig);
  writeFileSync(join(dir, 'states.json'), JSON.stringify([...states]));
  await Promise.all([gateway.stop(), server.stop()]);
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

/** The suite reads from the class what is supported, once at its start. */
async function untilFeaturesAreTold(kubeconfig) {
  const client = await connect({ kubeconfig, env: {} });
  const kind = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass' };
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(20)) {
    const { status } = await client.get(kind, { name: 'nekube' }).catch(() => ({}));
    if (status?.supportedFeatures?.length > 0) return client.close();
  }
  throw new Error('the class nekube does not say which features it has');
}

async function runTests(kubeconfig) {
  const report = join(dir, 'report.yaml');
  // what is waited for, and how long, stays the suite's own; it is only looked at more often than ten times a second
  const options = join(dir, 'options.yaml');
  writeFileSync(options, 'timeoutConfig: { defaultPollInterval: 30ms }\n');
  const flags = [
    // tells of each test when it ends, and not of all at the end
    '-test.v=test2json',
    '-test.timeout=20m',
    // most of them wait
    '-test.parallel=16',
    ...part.flags,
    ...(values.patience === undefined ? [] : [`--timeout-config-overrides=${patience(values.patience)}`]),
    `--conformance-options-file=${options}`,
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
  const results = new Results(tell);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    log.write(text);
    if (values.verbose) process.stdout.write(text);
    results.read(text);
    said = (said + text).slice(-4000);
  });
  child.stderr.on('data', (text) => log.write(text));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0 && !results.hasFailures) throw new Error(`the suite ended with ${code}, and no test did:\n${said}`);
  return results;
}

/** How long is waited for what does not come; for trying things out, since a report counts with the suite's own times only. */
function patience(seconds) {
  return WAITS.map((name) => `${name}:${seconds}`).join(';');
}

function tell(line) {
  const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
  console.log(`${seconds} s  ${part.name === undefined ? '' : `${part.name}  `}${line}`);
}

// Records what kube-apiserver and etcd say of their flags, from the oracle's binaries:
//
//   node tools/record-flags.mjs
//
// src/cli/assets/*-help.txt    the help, as it is printed
// src/cli/assets/*-flags.json  the flags with their types, and the feature gates with their stages
// src/cli/assets/testdata      what is said of flags that are wrong, with the exit code
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildOracle, startOracle } from './oracle.mjs';
import { etcdCases, kubeApiserverCases } from './record-flags-cases.mjs';

const out = fileURLToPath(new URL('../src/cli/assets/', import.meta.url));
const binaries = process.env.ORACLES ?? join(homedir(), '.cache', 'nekube-oracles');
const dir = mkdtempSync(join(tmpdir(), 'nekube-flags-'));

/** Flags that kube-apiserver takes and does not tell of, with their types. */
const hidden = { 'apiserver-count': 'int', 'kubelet-port': 'uint', 'kubelet-read-only-port': 'uint' };

function run(name, args) {
  const { status, stdout, stderr } = spawnSync(join(binaries, name), args, {
    cwd: dir,
    encoding: 'utf8',
    timeout: 5000,
  });
  return { code: status, stdout, stderr };
}

function write(file, value) {
  const text = typeof value === 'string' ? value : `${JSON.stringify(value, undefined, 1)}\n`;
  writeFileSync(join(out, file), text);
}

/** The flags in pflag's help: `  -v, --v Level   usage`. */
function pflags(help) {
  const lines = help.matchAll(/^ +(?:-(?<short>.), )?--(?<name>[a-z0-9-]+)(?<type> \S+)? /gm);
  return [...lines].map(({ groups: { short, name, type } }) => ({
    name,
    ...(short && { short }),
    type: type?.trim().replace(/[[=].*/, '') ?? 'bool',
  }));
}

/** The flags in etcd's help, and what their values must be, found by giving one that is of no type. */
function etcdFlags(help) {
  const names = new Set([...help.matchAll(/^ {2}--([a-z0-9-]+)/gm)].map(([, name]) => name));
  for (const name of ['version', 'config-file']) names.add(name);
  return [...names].sort().map((name) => {
    const [said] = run('etcd', [`--${name}=~!~`, '--log-level=error', 'word']).stderr.split('\n');
    const isBool = said.startsWith('invalid boolean value');
    const isNumber = /^invalid value .*: parse error$/.test(said);
    const isUrls = said.includes('URL');
    const isDuration =
      isNumber &&
      /duration|interval|delay|timeout|-lag|-time/.test(name) &&
      run('etcd', [`--${name}=1s`, 'word']).code !== 2;
    return { name, type: isBool ? 'bool' : isDuration ? 'duration' : isNumber ? 'number' : isUrls ? 'urls' : 'string' };
  });
}

const someValue = { bool: 'true', duration: '1s', ip: '1.1.1.1', namedCertKey: 'a,b', pattern: 'a=1' };

/** What is said of a flag that is set and should not be. */
function withDeprecations(flags) {
  return flags.map((flag) => {
    const value = someValue[flag.type] ?? (/^(int|uint|float)/.test(flag.type) ? '1' : 'a=b');
    const { stderr } = run('kube-apiserver', [`--${flag.name}=${value}`, 'word']);
    const [, deprecated] = /^Flag \S+ has been deprecated, (.*)$/m.exec(stderr) ?? [];
    return { ...flag, ...(deprecated && { deprecated }) };
  });
}

/** All feature gates, also those that help does not list, by the server's own metric. */
async function gates() {
  const oracle = await startOracle();
  try {
    const text = await fetchText(`${oracle.url}/metrics`, oracle.token);
    const lines = [...text.matchAll(/^kubernetes_feature_enabled\{name="(\w+)",stage="(\w*)"\} ([01])$/gm)];
    const known = lines.map(([, name, stage, enabled]) => [name, { stage, enabled: enabled === '1' }]);
    return Object.fromEntries(known.sort(([a], [b]) => (a < b ? -1 : 1)));
  } finally {
    await oracle.stop();
  }
}

function fetchText(url, token) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    get(url, { headers, rejectUnauthorized: false, agent: false }, async (response) => {
      resolve((await response.toArray()).join(''));
    }).on('error', reject);
  });
}

/** A gate that cannot be changed says so at once. */
function withLocks(known) {
  for (const [name, gate] of Object.entries(known)) {
    const { stderr } = run('kube-apiserver', [`--feature-gates=${name}=${!gate.enabled}`]);
    if (stderr.includes('feature is locked')) gate.locked = true;
  }
  return known;
}

/** What is said, without when and by which process, nor what is logged before. What would start is left out. */
function record(name, cases) {
  return cases.flatMap((args) => {
    const { code, stderr } = run(name, args);
    if (code === null) return [];
    const lines = stderr.trimEnd().split('\n');
    return [{ args, code, said: name === 'etcd' ? saidByEtcd(lines) : saidByKubeApiserver(lines) }];
  });
}

function saidByKubeApiserver(lines) {
  const said = lines.filter((line) => !/^[IW]\d{4} /.test(line));
  return said.map((line) => line.replace(/^E\d{4} [\d:.]+ +\d+ run\.go:\d+\] /, ''));
}

/** The first line, or the error in what is logged. */
function saidByEtcd(lines) {
  if (!lines[0].startsWith('{')) return lines.slice(0, 1);
  const errors = lines.map((line) => JSON.parse(line)).filter(({ error }) => error !== undefined);
  return errors.map(({ msg, error }) => `${msg}: ${error}`);
}

buildOracle();
try {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  writeFileSync(join(dir, 'sa.pem'), privateKey.export({ type: 'sec1', format: 'pem' }));
  const help = run('kube-apiserver', ['--help']).stdout;
  const flags = [...pflags(help), ...Object.entries(hidden).map(([name, type]) => ({ name, type, hidden: true }))];
  write('kube-apiserver-help.txt', help);
  const { versions: groupVersions } = JSON.parse(readFileSync(join(out, '../../api/facts/openapi-facts.json'), 'utf8'));
  write('kube-apiserver-flags.json', {
    flags: withDeprecations(flags),
    gates: withLocks(await gates()),
    groupVersions,
  });
  write('testdata/kube-apiserver-flags.json', record('kube-apiserver', kubeApiserverCases(flags)));
  const etcd = run('etcd', ['--help']);
  write('etcd-help.txt', `${etcd.stderr}${etcd.stdout}`);
  const flagsOfEtcd = etcdFlags(etcd.stderr + etcd.stdout);
  write('etcd-flags.json', { flags: flagsOfEtcd });
  write('testdata/etcd-flags.json', record('etcd', etcdCases(flagsOfEtcd)));
} finally {
  rmSync(dir, { recursive: true, force: true });
}

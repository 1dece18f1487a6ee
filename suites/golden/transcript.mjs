// Runs one scenario of kubectl commands and gives back exit code and normalised output of every step.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Normaliser } from './normalise.mjs';
import { cleanUp, namespaceOf } from './scenario.mjs';
import { fill } from './template.mjs';

/** What kubectl prints and is not the server's: temporary files, ages, the padding that depends on them. */
const PRINTED = [
  [/(LIVE|MERGED)-\d+/g, '$1-<n>'],
  [/kubectl-edit-\d+\.yaml/g, 'kubectl-edit-<n>.yaml'],
  [/^[EW]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ /gm, '<klog> '],
  [/\b(resourceVersion"?: ?"?)\d+/g, '$1<rv>'],
  [/(Created|Start Time|CreationTimestamp): +[A-Z][a-z]{2}, .*$/gm, '$1: <time>'],
];
const PRINTED_AFTER = [
  [/(^[-+ ]*\d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*$)/gm, '<difftime>'],
  [/(<tmp>\/\S+|\/\S*(LIVE|MERGED)\S*)\t<?[^\n]*/g, '$1\t<difftime>'],
  [/(?<=\S) {2,}/g, '  '],
];

/** The results `{exit, stdout, stderr}` (in lines) of a scenario's commands, `null` for those that are not compared. */
export async function runTranscript(connection, scenario, { id, kubectl, keep = false }) {
  const tmp = mkdtempSync(join(tmpdir(), 'golden-'));
  const vars = { id, ns: `ns-${id}`, tmp };
  const run = {
    connection,
    kubectl,
    vars,
    normaliser: new Normaliser({ vars, sent: JSON.stringify(scenario.steps), connection }),
  };
  writeFileSync(join(tmp, 'kubeconfig'), JSON.stringify(kubeconfigOf(connection, vars)));
  await connection.request(namespaceOf(vars), vars);
  const results = [];
  try {
    for (const step of scenario.steps) results.push(await runStep(run, step));
  } finally {
    if (!keep) await cleanUp(connection, scenario, vars);
    rmSync(tmp, { recursive: true, force: true });
  }
  return results;
}

function kubeconfigOf({ url, token, ca }, { ns }) {
  const trust = ca
    ? { 'certificate-authority-data': Buffer.from(ca).toString('base64') }
    : { 'insecure-skip-tls-verify': true };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server: url, ...(url.startsWith('https:') && trust) } }],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace: ns } }],
  };
}

async function runStep(run, step) {
  const { connection, kubectl, vars } = run;
  if (step.sleepMs) await sleep(step.sleepMs);
  for (const [name, text] of Object.entries(step.files ?? {})) {
    writeFileSync(join(vars.tmp, name), fill(text, vars));
    if (name.endsWith('.sh')) chmodSync(join(vars.tmp, name), 0o755);
  }
  if (step.http) {
    await connection.request(step.http, vars);
    return null;
  }
  const home = { PATH: process.env.PATH, HOME: vars.tmp, KUBECONFIG: join(vars.tmp, 'kubeconfig'), LANG: 'C' };
  const options = { env: { ...home, ...fill(step.env ?? {}, vars) }, cwd: vars.tmp };
  const { exit, stdout, stderr } = await execute(kubectl, fill(step.cmd, vars), options, fill(step.stdin ?? '', vars));
  // both are normalised even if nothing is compared, since names are given in order of appearance
  const result = { exit, stdout: normalLines(run, step, stdout), stderr: normalLines(run, step, stderr) };
  return step.silent ? null : result;
}

/** Runs a program to its end, at most a minute. */
function execute(program, args, options, stdin) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, timeout: 180_000, killSignal: 'SIGKILL' });
    const out = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8');
      child[name].on('data', (chunk) => {
        out[name] += chunk;
      });
    }
    child.on('error', reject);
    child.on('close', (exit) => resolve({ exit, ...out }));
    child.stdin.on('error', () => {}); // it may end without reading its input
    child.stdin.end(stdin);
  });
}

function normalLines({ normaliser, vars }, step, printed) {
  let text = printed.replaceAll(vars.tmp, '<tmp>').replaceAll(`${tmpdir()}/`, '<tmp>/');
  text = replaceAll(text, PRINTED);
  text = normaliser.string(text);
  text = text.replace(/(^|\s)\d+[smhd](\d+[smh])?(?=\s|$)/gm, '$1<age>');
  text = text.replace(/\b10\.0\.0\.\d{1,3}\b/g, (ip) => (normaliser.sent.includes(ip) ? ip : '<ip>'));
  text = replaceAll(text, PRINTED_AFTER);
  text = replaceAll(
    text,
    (step.replace ?? []).map(([pattern, by]) => [new RegExp(pattern, 'gm'), by]),
  );
  const lines = text.split('\n');
  return step.sortLines ? lines.sort() : lines;
}

function replaceAll(text, replacements) {
  return replacements.reduce((out, [pattern, by]) => out.replace(pattern, by), text);
}

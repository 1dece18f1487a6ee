// Environments at the three levels. At cluster it is the real kube-apiserver, if that is on this machine.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, FakeClock } from 'nekube/client';
import { start } from 'nekube/envtest';
import { startOracle } from '../../tools/oracle.mjs';

export const LEVELS = ['fake', 'envtest', 'cluster'];

/** What is missing for a level on this machine; undefined: nothing. */
export function lacks(level) {
  if (level !== 'cluster') return undefined;
  const folder = process.env.ORACLES ?? join(homedir(), '.cache', 'nekube-oracles');
  const missing = ['etcd', 'kube-apiserver'].filter((name) => !existsSync(join(folder, name)));
  if (missing.length === 0) return undefined;
  return `there is no ${missing.join(' and no ')} in ${folder}: build them once with node tools/oracle.mjs --build`;
}

/**
 * An environment, clients of its users, and its end. At fake its clock begins now, since some answers tell what time it is.
 */
export async function open(level) {
  if (level === 'cluster') return openOracle();
  const env = await start({ level, name: 'levels', ...(level === 'fake' && { clock: new FakeClock(Date.now()) }) });
  return { env, clientOf: (user) => env.user(user), stop: () => env.stop() };
}

/** Users of the real server, by their tokens; somebody who is only acted as could not be refused to act as others. */
const USERS = { admin: 'system:masters', jane: 'devs' };

async function openOracle() {
  const folder = mkdtempSync(join(tmpdir(), 'nekube-levels-'));
  const file = (name, text) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const tokens = Object.entries(USERS).map(([name, groups]) => `${name}token,${name},${name}-uid,"${groups}"\n`);
  const oracle = await startOracle({ flags: [`--token-auth-file=${file('tokens.csv', tokens.join(''))}`] });
  const kubeconfig = file('kubeconfig', JSON.stringify(kubeconfigOf(oracle)));
  const env = await start({ level: 'cluster', name: 'levels', kubeconfig });
  const jane = await connect({ kubeconfig, context: 'jane' });
  const stop = async () => {
    await jane.close();
    await env.stop();
    await oracle.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { env, clientOf: () => jane, stop };
}

function kubeconfigOf({ url, ca }) {
  const cluster = { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  const names = Object.keys(USERS);
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'admin',
    clusters: [{ name: 'oracle', cluster }],
    users: names.map((name) => ({ name, user: { token: `${name}token` } })),
    contexts: names.map((name) => ({ name, context: { cluster: 'oracle', user: name } })),
  };
}

/** The levels that a run is about: the one that is asked for, else all. */
export function levelsOf(asked) {
  if (!asked) return LEVELS;
  if (LEVELS.includes(asked)) return [asked];
  throw new RangeError(`NEKUBE_TEST_LEVEL is ${JSON.stringify(asked)}: it must be one of ${LEVELS.join(', ')}`);
}

// A story of requests, the audit events that a server writes of it, and what two servers may differ in.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Connection } from '../golden/http.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** The steps of the story: those of the golden scenarios, each with a name; `until` repeats one until it has this code. */
const all = JSON.parse(readFileSync(here('story.json'), 'utf8'));

/** Those whose events are compared; the others only wait for something. */
export const steps = all.filter(({ until }) => until === undefined);

/** The policy, for namespaces whose names end in `id`. */
export function policyFor(id) {
  return readFileSync(here('policy.yaml'), 'utf8').replaceAll('-NS', `-${id}`);
}

/** Seven characters that no other run has. */
export function newId() {
  return `a${randomBytes(3).toString('hex')}`;
}

/** Makes all requests, one after the other; each has its name as its audit ID. */
export async function tell(server, id) {
  const connection = new Connection(server);
  try {
    for (const { name, until, ...step } of all) {
      if (until !== undefined) {
        await waitFor(until, () => connection.request(step, { id }));
        continue;
      }
      const sent = { ...step, headers: { 'audit-id': name, ...step.headers } };
      if (step.watch) await watchOnce(connection, sent, { id });
      else await connection.request({ ...sent, timeoutMs: 20_000 }, { id });
    }
  } finally {
    connection.close();
  }
}

async function waitFor(code, request) {
  const end = Date.now() + 60_000;
  while ((await request()).code !== code) {
    if (Date.now() > end) throw new Error(`no answer ${code}`);
    await sleep(20);
  }
}

/** A watch until its first events have come. */
async function watchOnce(connection, step, vars) {
  const watch = connection.watch(step, vars);
  await watch.collect(step.watch, 10_000, 0);
  watch.close();
}

/**
 * The events of the story in a log, by step, in the order in which they came; without what varies from run to run.
 *
 * @param text the lines of the log
 */
export function eventsOf(text, id) {
  const known = new Set(steps.map(({ name }) => name));
  const found = {};
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const event = JSON.parse(line.replaceAll(id, 'ID'));
    if (!known.has(event.auditID)) continue;
    (found[event.auditID] ??= []).push(normalise(event));
  }
  return found;
}

const UID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const TIME = /\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

function normalise(event) {
  const text = JSON.stringify(event, (key, value) => {
    if (key === 'resourceVersion' && /^[1-9]\d*$/.test(value)) return 'RV';
    if (key === 'token' || key === 'continue') return String(key).toUpperCase();
    if (key === 'annotations') return sorted(value);
    if (key === 'rows') return value.map(withoutAge);
    if (key.startsWith('apiserver.latency.k8s.io/')) return undefined;
    return value;
  });
  const clean = text
    .replace(UID, 'UID')
    .replace(TIME, (_, fraction) => (fraction === undefined ? 'TIME' : `TIME${fraction.replace(/\d/g, '0')}`))
    .replace(/JTI=UID|X509SHA256=[0-9a-f]+/g, 'CREDENTIAL')
    .replace(/"(generated-)[a-z0-9]{5}"/g, '"$1XXXXX"')
    .replace(/generated-[a-z0-9]{5}\b/g, 'generated-XXXXX')
    .replace(/ProbeName\S*/g, 'Probe');
  return JSON.parse(clean);
}

/** The last cell of the rows here is an age. */
function withoutAge(row) {
  return { ...row, cells: [...row.cells.slice(0, -1), 'AGE'] };
}

function sorted(value) {
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

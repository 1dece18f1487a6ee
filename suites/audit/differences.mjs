// What nekube's audit events of the story have that the recorded ones of kube-apiserver have not, and the other way.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startNekube } from '../servers.mjs';
import { eventsOf, newId, policyFor, steps, tell } from './story.mjs';

/** The recorded events, by step. */
export const recorded = JSON.parse(readFileSync(fileURLToPath(new URL('recorded.json', import.meta.url)), 'utf8'));

/** Tells the story to a nekube of its own: `[{name, differences}]`, of the steps that differ. */
export async function differencesOfOurs() {
  const { events } = await tellOurs();
  return differencesOf(events);
}

/** The same of events that were told already. */
export function differencesOf(ours) {
  return steps.flatMap(({ name }) => {
    const differences = compare(recorded[name] ?? [], ours[name] ?? []);
    return differences.length > 0 ? [{ name, differences }] : [];
  });
}

/** Tells the story to a nekube of its own; gives its log and the events in it. */
export async function tellOurs() {
  const id = newId();
  const dir = mkdtempSync(join(tmpdir(), 'nekube-audit-'));
  const [policy, log] = ['policy.yaml', 'audit.log'].map((name) => join(dir, name));
  writeFileSync(policy, policyFor(id));
  const server = await startNekube({ args: ['--audit-policy-file', policy, '--audit-log-path', log] });
  try {
    await tell(server, id);
  } finally {
    await server.stop();
  }
  const text = readFileSync(log, 'utf8');
  if (process.env.AUDIT_RAW) writeFileSync(process.env.AUDIT_RAW, text);
  rmSync(dir, { recursive: true, force: true });
  return { text, events: eventsOf(text, id) };
}

function compare(expected, actual) {
  const stages = (events) => events.map(({ stage }) => stage).join(', ');
  if (stages(expected) !== stages(actual)) return [`stages: expected ${stages(expected)}; got ${stages(actual)}`];
  return expected.flatMap((event, i) => differences(event, actual[i], event.stage));
}

/** Also tells of keys in another order. */
function differences(expected, actual, path) {
  if (Object.is(expected, actual)) return [];
  const both = [expected, actual].every((value) => value !== null && typeof value === 'object');
  if (!both) return [`${path}: expected ${JSON.stringify(expected)}; got ${JSON.stringify(actual)}`];
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
  const within = keys.flatMap((key) => differences(expected[key], actual[key], `${path}.${key}`));
  const order = (value) => Object.keys(value).join();
  if (within.length === 0 && order(expected) !== order(actual))
    return [`${path}: expected keys ${order(expected)}; got ${order(actual)}`];
  return within;
}

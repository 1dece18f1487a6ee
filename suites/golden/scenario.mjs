// Runs one scenario of HTTP steps and gives back the normalised answer of every step that is compared.
import { setTimeout as sleep } from 'node:timers/promises';
import { startHooks } from './hooks.mjs';
import { parsed } from './http.mjs';
import { Normaliser } from './normalise.mjs';
import { fill, get } from './template.mjs';

const WATCH_QUERY = { watch: '1', timeoutSeconds: '60' };
/** How long what is expected may take on a busy machine; steps whose events do not come say for how long they wait. */
const PATIENCE_MS = 60_000;

/** Seven characters that no other scenario of this or another run has; a DNS label begins with a letter. */
export function scenarioId(run, number) {
  const id = `${run}${number.toString(36).padStart(3, '0')}`;
  return /^[a-z]/.test(id) ? id : `q${id.slice(1)}`;
}

/**
 * The answers of a scenario's steps, `null` for those that are not compared. It has a namespace of its own, `ns-ID`,
 * unless it says `ns: false`; both it and what the scenario lists under `cleanup` are deleted at the end.
 */
export async function runScenario(connection, scenario, { id, keep = false }) {
  const vars = { id, ns: `ns-${id}` };
  const hooks = scenario.hooks && (await startHooks(scenario.hooks, vars));
  if (hooks) Object.assign(vars, { hook: hooks.url, hookCa: hooks.ca, hookLeaf: hooks.leaf });
  const run = {
    connection,
    hooks,
    vars,
    watches: new Map(),
    normaliser: new Normaliser({ vars, sent: JSON.stringify(scenario.steps), connection }),
  };
  if (scenario.ns !== false) await connection.request(namespaceOf(vars), vars);
  const answers = [];
  try {
    for (const step of scenario.steps) answers.push(await runStep(run, step));
  } finally {
    for (const watch of run.watches.values()) watch.close();
    if (!keep) await cleanUp(connection, scenario, vars);
    hooks?.close();
  }
  return answers;
}

export function namespaceOf(vars) {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: vars.ns } };
  return { method: 'POST', path: '/api/v1/namespaces', body };
}

export async function cleanUp(connection, scenario, vars) {
  for (const step of scenario.cleanup ?? []) await connection.request({ method: 'DELETE', ...step }, vars);
  if (scenario.ns !== false) await connection.request({ method: 'DELETE', path: '/api/v1/namespaces/{{ns}}' }, vars);
}

async function runStep(run, step) {
  if (step.sleepMs) await sleep(step.sleepMs);
  if (step.untilSecond) await sleep(1000 - (Date.now() % 1000) + 20);
  if (step.watch) return openWatch(run, step);
  if (step.hook) return run.hooks.change(step.hook, step.script);
  const { answer, codes } = await answerOf(run, step);
  const source = answer.events ?? parsed(answer.text);
  for (const [name, path] of Object.entries(step.save ?? {})) run.vars[name] = get(source, path) ?? '';
  const normal = run.normaliser.response(answer, step);
  if (codes) normal.codes = codes;
  return step.silent ? null : normal;
}

/** What a hook of the scenario was asked since it was last looked at. */
function askedText(hooks, { asked, last }) {
  return JSON.stringify({ calls: hooks.asked(asked, last) });
}

/** A watch in the background, whose events later steps collect. */
async function openWatch({ connection, vars, watches }, step) {
  const watch = connection.watch({ ...step, query: { ...WATCH_QUERY, ...step.query } }, vars);
  watches.set(step.watch, watch);
  await watch.opened;
  await sleep(step.settleMs ?? 100);
  return null;
}

async function answerOf({ connection, hooks, vars, watches }, step) {
  if (step.asked) return { answer: { code: 0, rawHeaders: {}, warnings: [], text: askedText(hooks, step) } };
  const { timeoutMs = PATIENCE_MS, quietMs = 150 } = step;
  if (step.collect) {
    return { answer: await watches.get(step.collect).collect(fill(step.count, vars), timeoutMs, quietMs) };
  }
  if (step.events !== undefined) {
    const query = typeof step.query === 'string' ? step.query : { ...WATCH_QUERY, ...step.query };
    const watch = connection.watch({ ...step, query }, vars);
    const answer = await watch.collect(step.events, timeoutMs, quietMs);
    watch.close();
    return { answer };
  }
  const end = Date.now() + (step.until?.timeoutMs ?? PATIENCE_MS);
  for (;;) {
    const result = await requestRepeatedly(connection, step, vars);
    if (!step.until || holds(fill(step.until, vars), result.answer) || Date.now() > end) return result;
    await sleep(60);
  }
}

/** Sends a step once, or `repeat` times with `{{i}}` counting; the last answer is the step's. */
async function requestRepeatedly(connection, step, vars) {
  if (!step.repeat) return { answer: await connection.request(step, vars) };
  const codes = [];
  let answer;
  for (vars.i = 0; vars.i < step.repeat; vars.i++) {
    answer = await connection.request(step, vars);
    codes.push(answer.code);
  }
  vars.i = step.repeat - 1;
  return { answer, codes };
}

function holds({ code, notCode, contains, notContains, timeoutMs: _, ...unknown }, answer) {
  // what nobody knows would hold at once
  if (Object.keys(unknown).length > 0) throw new Error(`until: ${Object.keys(unknown)}: there is no such condition`);
  return (
    (code === undefined || answer.code === code) &&
    (notCode === undefined || answer.code !== notCode) &&
    (contains === undefined || answer.text.includes(contains)) &&
    (notContains === undefined || !answer.text.includes(notContains))
  );
}

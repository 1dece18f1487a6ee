#!/usr/bin/env node
// Records what a reference server answers to the scenarios of a corpus, or checks another server against it.
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { groupsOf, recordedOf, scenariosOf, writeRecorded } from './corpus.mjs';
import { Connection } from './http.mjs';
import { runScenario, scenarioId } from './scenario.mjs';
import { diff } from './template.mjs';
import { runTranscript } from './transcript.mjs';

const HELP = `usage: node suites/golden/replay.mjs record|check [options]

  --url URL            the server (default https://127.0.0.1:6443)
  --token TOKEN        bearer token of a user in system:masters called admin (default admintoken)
  --ca FILE            CA bundle of the server; without it the server is not verified
  --dir DIR            folder with scenarios/ and recorded/ (default: the project's own)
  --only GROUP,…       only these groups
  --scenario NAME,…    only scenarios whose name contains one of these
  --kubectl PATH       the kubectl transcripts (kubectl/*.json) with this kubectl, instead of the HTTP scenarios
  --verbose            passing steps too
  --dump               each normalised answer
  --max-diff N         lines for each failing step (default 8)
  --keep               leave what the scenarios made
  --help

check ends with a line "N passed, N failed", counted in steps, and exit code 1 if any failed.`;

const OPTIONS = {
  url: { type: 'string', default: 'https://127.0.0.1:6443' },
  token: { type: 'string', default: 'admintoken' },
  ca: { type: 'string' },
  dir: { type: 'string', default: dirname(fileURLToPath(import.meta.url)) },
  only: { type: 'string' },
  scenario: { type: 'string' },
  kubectl: { type: 'string' },
  verbose: { type: 'boolean' },
  dump: { type: 'boolean' },
  'max-diff': { type: 'string', default: '8' },
  keep: { type: 'boolean' },
  help: { type: 'boolean' },
};

/** The number of the next scenario in this process: names stay unique over several calls. */
let started = 0;
const RUN = Array.from({ length: 4 }, () => 'abcdefghijkmnpqrstuvwxyz23456789'[randomInt(32)]).join('');

/** Runs one scenario of either kind; `kubectl` says which it is. */
export function run(connection, scenario, { kubectl, keep } = {}) {
  const id = scenarioId(RUN, started++);
  return kubectl === undefined
    ? runScenario(connection, scenario, { id, keep })
    : runTranscript(connection, scenario, { id, kubectl, keep });
}

/** Compares a scenario's answers with the recorded: `[{step, label, differences}]` of the compared steps. */
export function compare(scenario, answers, recorded) {
  return answers.flatMap((answer, i) => {
    if (answer === null) return [];
    const want = recorded?.[i];
    const differences = want === undefined || want === null ? ['no recording for this step'] : diff(want, answer);
    return [{ step: i, label: labelOf(scenario.steps[i]), differences }];
  });
}

function labelOf(step) {
  if (step.cmd) return `kubectl ${step.cmd.join(' ')}`;
  if (step.asked) return `asked ${step.asked}`;
  return step.collect ? `collect ${step.collect}` : `${step.method ?? 'GET'} ${step.path ?? ''}`;
}

/**
 * Checks a server against a corpus and prints what differs.
 *
 * @returns `{passed, failed}` in steps; a scenario that breaks off counts its remaining steps as failed.
 */
export async function check(connection, options) {
  const { dir, kubectl, only, scenario, maxDiff = 8, print = console.log } = options;
  const kind = kubectl === undefined ? 'http' : 'kubectl';
  const table = [];
  for (const group of groupsOf(dir, kind).filter((name) => !only || only.includes(name))) {
    const recorded = recordedOf(dir, kind, group);
    const scenarios = scenariosOf(dir, kind, group).filter(
      ({ name }) => !scenario || scenario.some((part) => name.includes(part)),
    );
    const count = { group, scenarios: scenarios.length, passed: 0, failed: 0 };
    for (const one of scenarios) {
      const results = await checkOne(connection, one, recorded[one.name], options);
      for (const { step, label, differences } of results) {
        const ok = differences.length === 0;
        count[ok ? 'passed' : 'failed']++;
        if (ok && options.verbose) print(`ok   ${group}/${one.name}[${step}] ${label}`);
        if (ok) continue;
        const more = differences.length > maxDiff ? [`… ${differences.length - maxDiff} more`] : [];
        print(`FAIL ${group}/${one.name}[${step}] ${label}`);
        for (const line of [...differences.slice(0, maxDiff), ...more]) print(`    ${line}`);
      }
    }
    table.push(count);
  }
  print('\ngroup            scenarios  passed  failed');
  for (const { group, scenarios, passed, failed } of table) {
    print([group.padEnd(16), `${scenarios}`.padStart(9), `${passed}`.padStart(7), `${failed}`.padStart(7)].join(' '));
  }
  return { passed: sum(table, 'passed'), failed: sum(table, 'failed') };
}

async function checkOne(connection, scenario, recorded, { kubectl, keep, dump, print = console.log }) {
  let answers;
  try {
    answers = await run(connection, scenario, { kubectl, keep });
  } catch (e) {
    const wanted = (recorded ?? []).filter((step) => step !== null).length;
    return Array.from({ length: Math.max(1, wanted) }, (_, step) => ({
      step,
      label: scenario.name,
      differences: [String(e.stack)],
    }));
  }
  if (dump)
    for (const [i, answer] of answers.entries())
      print(`--- ${scenario.name} [${i}]\n${JSON.stringify(answer, null, 1)}`);
  return compare(scenario, answers, recorded);
}

function sum(rows, column) {
  return rows.reduce((total, row) => total + row[column], 0);
}

/** Records a corpus against the reference; with a selection, the other recordings stay. Returns the number of steps. */
export async function record(connection, { dir, kubectl, only, scenario, keep }) {
  const kind = kubectl === undefined ? 'http' : 'kubectl';
  let steps = 0;
  for (const group of groupsOf(dir, kind).filter((name) => !only || only.includes(name))) {
    const before = recordedOf(dir, kind, group);
    const recorded = {};
    for (const one of scenariosOf(dir, kind, group)) {
      const chosen = !scenario || scenario.some((part) => one.name.includes(part));
      if (!chosen && before[one.name] === undefined) continue;
      recorded[one.name] = chosen ? await run(connection, one, { kubectl, keep }) : before[one.name];
      if (chosen) steps += recorded[one.name].filter((answer) => answer !== null).length;
    }
    writeRecorded(dir, kind, group, recorded);
  }
  return steps;
}

async function main() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const [mode] = positionals;
  if (values.help) return console.log(HELP);
  if (mode !== 'record' && mode !== 'check') {
    console.error(HELP);
    process.exitCode = 2;
    return;
  }
  const ca = values.ca === undefined ? undefined : readFileSync(values.ca, 'utf8');
  const connection = new Connection({ url: values.url, token: values.token, ca });
  const options = {
    ...values,
    only: values.only?.split(','),
    scenario: values.scenario?.split(','),
    maxDiff: Number(values['max-diff']),
  };
  if (mode === 'record') {
    console.log(`${await record(connection, options)} recorded`);
  } else {
    const { passed, failed } = await check(connection, options);
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  }
  connection.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();

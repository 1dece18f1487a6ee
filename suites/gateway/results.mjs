// What the suite said of its tests, and whether that is what is known.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claimedFeatures, featuresTable, suiteFeatures, TABLE } from './features-table.mjs';

const docs = fileURLToPath(new URL('../../docs/conformance/', import.meta.url));
const claimed = await claimedFeatures();

/** The line of a test of the suite, of which parts have lines of their own: `    --- PASS: TestConformance/NAME (0.12s)`. */
const LINE = /^\x16? *--- (PASS|FAIL|SKIP): TestConformance\/([^/\s]+) \(([\d.]+)s\)$/;

/** What became of tests, as it is read from what the suite says. */
export class Results {
  #rest = '';
  #states = new Map();
  #tell;

  /** `tell` gets a line for each test. */
  constructor(tell) {
    this.#tell = tell;
  }

  /** PASS, FAIL or SKIP by name. */
  get states() {
    return this.#states;
  }

  get hasFailures() {
    return named(this.#states, 'FAIL').length > 0;
  }

  read(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop();
    for (const line of lines) {
      const [, state, name, seconds] = LINE.exec(line) ?? [];
      if (name === undefined) continue;
      this.#states.set(name, state);
      if (state !== 'SKIP') this.#tell(`${state} ${name} (${seconds} s)`);
    }
  }
}

/** All in a line. */
export function summary(states) {
  const count = (state) => named(states, state).length;
  return `${count('PASS')} passed, ${count('FAIL')} failed, ${count('SKIP')} skipped`;
}

/** The names of tests of a state. */
export function named(states, state) {
  return [...states].filter(([, one]) => one === state).map(([name]) => name);
}

/** Keeps the report of a whole run, and the list of what failed; and makes the table of features anew. */
export function record(plane, states, report) {
  const failed = named(states, 'FAIL').sort();
  writeFileSync(knownFailures(plane), failed.map((name) => `${name}\n`).join(''));
  mkdirSync(docs, { recursive: true });
  writeFileSync(join(docs, `${plane}.yaml`), report);
  writeFileSync(TABLE, featuresTable(suiteFeatures(), claimed));
}

/** Where what failed is not what the list of the data plane says. */
export function surprises(plane, states) {
  const file = knownFailures(plane);
  const known = existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];
  const failed = named(states, 'FAIL').sort();
  return [
    ...failed.filter((name) => !known.includes(name)).map((name) => `fails, and is not known to: ${name}`),
    ...known.filter((name) => !failed.includes(name)).map((name) => `is known to fail, and does not: ${name}`),
  ];
}

function knownFailures(plane) {
  return new URL(`known-failures-${plane}.txt`, import.meta.url);
}

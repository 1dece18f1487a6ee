// What the suite said of its tests, and whether that is what is known.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimedFeatures, featuresTable, suiteFeatures, TABLE } from './features-table.mjs';

const claimed = await claimedFeatures();

/** The line of a test of the suite, of which parts have lines of their own: `    --- PASS: TestConformance/NAME (0.12s)`. */
const LINE = /^\x16? *--- (PASS|FAIL|SKIP): TestConformance\/([^/\s]+) \(([\d.]+)s\)$/;

export class Results {
  #rest = '';
  #states = new Map();
  #report;
  #tell;

  /** `report`: the file that the suite writes; `tell` gets a line for each test. */
  constructor(report, tell) {
    this.#report = report;
    this.#tell = tell;
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

  #named(state) {
    return [...this.#states].filter(([, one]) => one === state).map(([name]) => name);
  }

  summary() {
    return `${this.#named('PASS').length} passed, ${this.#named('FAIL').length} failed, ${this.#named('SKIP').length} skipped`;
  }

  exitCode() {
    return this.#named('PASS').length > 0 && this.#named('FAIL').length === 0 ? 0 : 1;
  }

  /** 0 if what failed is what the list of the data plane says. */
  compare(plane, record, docs) {
    const file = new URL(`known-failures-${plane}.txt`, import.meta.url);
    const failed = this.#named('FAIL').sort();
    if (record) {
      writeFileSync(file, failed.map((name) => `${name}\n`).join(''));
      mkdirSync(docs, { recursive: true });
      writeFileSync(join(docs, `${plane}.yaml`), readFileSync(this.#report));
      writeFileSync(TABLE, featuresTable(suiteFeatures(), claimed));
    }
    const known = existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [];
    const surprises = [
      ...failed.filter((name) => !known.includes(name)).map((name) => `fails, and is not known to: ${name}`),
      ...known.filter((name) => !failed.includes(name)).map((name) => `is known to fail, and does not: ${name}`),
    ];
    for (const line of surprises) this.#tell(line);
    return surprises.length === 0 && this.#named('PASS').length > 0 ? 0 : 1;
  }
}

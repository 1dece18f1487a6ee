// The files of a golden corpus: scenarios (what is sent) and recordings (what the reference answered).
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the two kinds of a corpus stand below its folder. */
const PLACES = {
  http: { scenarios: 'scenarios', recorded: (group) => join('recorded', `${group}.json`) },
  kubectl: { scenarios: 'kubectl', recorded: (group) => join('kubectl', `${group}.recorded.json`) },
};

/** The groups of a corpus of kind `http` or `kubectl`, sorted; none where the folder is missing. */
export function groupsOf(dir, kind) {
  const folder = join(dir, PLACES[kind].scenarios);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.json') && !name.endsWith('.recorded.json'));
  return files.map((name) => name.slice(0, -'.json'.length)).sort();
}

/** The scenarios of a group: `[{name, why, steps}]`. */
export function scenariosOf(dir, kind, group) {
  return readJson(join(dir, PLACES[kind].scenarios, `${group}.json`));
}

/** The recorded answers of a group, by the scenario's name; empty where nothing is recorded yet. */
export function recordedOf(dir, kind, group) {
  const file = join(dir, PLACES[kind].recorded(group));
  return existsSync(file) ? readJson(file) : {};
}

/** Writes a group's recordings with a line for each step: small, and readable in a diff. */
export function writeRecorded(dir, kind, group, recorded) {
  const scenarios = Object.entries(recorded).map(
    ([name, steps]) => `${JSON.stringify(name)}: [\n${steps.map((step) => JSON.stringify(step)).join(',\n')}\n]`,
  );
  const file = join(dir, PLACES[kind].recorded(group));
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `{\n${scenarios.join(',\n')}\n}\n`);
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

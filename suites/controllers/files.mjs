// The files of scenarios, and what was recorded of them. A state that stays the same is written once.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { parseYaml } from 'nekube/apimachinery';
import { kindOf } from './steps.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** The names of all files of scenarios. */
export function scenarioFiles() {
  return readdirSync(HERE)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => basename(name, '.yaml'));
}

/** `{controllers, settings, ours, scheduler, metrics, before, alone, kinds, scenarios}` of a file. */
export function readScenarios(name) {
  const text = readFileSync(join(HERE, `${name}.yaml`), 'utf8');
  const {
    controllers = [],
    settings = {},
    ours = {},
    scheduler = false,
    metrics = false,
    before = [],
    alone = scheduler,
    kinds,
    scenarios,
    race,
  } = parseYaml(text);
  const all = scenarios.map((scenario) => ({ race, ...scenario }));
  return { controllers, settings, ours, scheduler, metrics, before, alone, kinds: kinds.map(kindOf), scenarios: all };
}

/** What was recorded of a file's scenarios, by their names. */
export function readRecorded(name) {
  const path = recordedPath(name);
  if (!existsSync(path)) return {};
  const { states, scenarios } = JSON.parse(readFileSync(path, 'utf8'));
  const expand = (known) => known.map((index) => states[index]);
  return mapValues(scenarios, ({ steps, sequence }) => ({
    steps: steps.map(({ objects, events }) => ({ objects: mapValues(objects, expand), events })),
    sequence,
  }));
}

/** Writes it, the states of objects once each, a line a state. */
export function writeRecorded(name, recorded) {
  const states = [];
  const indexOf = (state) => {
    const found = states.findIndex((one) => isDeepStrictEqual(one, state));
    return found < 0 ? states.push(state) - 1 : found;
  };
  const scenarios = mapValues(recorded, ({ steps, sequence }) => ({
    steps: steps.map(({ objects, events }) => ({ objects: mapValues(objects, (all) => all.map(indexOf)), events })),
    sequence,
  }));
  mkdirSync(join(HERE, 'recorded'), { recursive: true });
  const lines = states.map((state) => JSON.stringify(state)).join(',\n');
  const told = Object.entries(scenarios).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  writeFileSync(recordedPath(name), `{"states": [\n${lines}\n],\n"scenarios": {\n${told.join(',\n')}\n}}\n`);
}

function recordedPath(name) {
  return join(HERE, 'recorded', `${name}.json`);
}

function mapValues(object, map) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}

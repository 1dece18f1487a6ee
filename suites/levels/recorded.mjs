// What the real kube-apiserver answered: a file for each table, with a line for each observation.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const read = new Map();

/** The observations of a table's behaviours, by their names. */
export function recorded(table) {
  if (!read.has(table)) {
    const file = fileOf(table);
    read.set(table, existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});
  }
  return read.get(table);
}

/** Writes those of a table anew. */
export function record(table, observations) {
  const lines = Object.entries(observations).map(([name, observed]) => {
    const answers = observed.map((one) => `    ${JSON.stringify(one)}`).join(',\n');
    return `  ${JSON.stringify(name)}: [\n${answers}\n  ]`;
  });
  writeFileSync(fileOf(table), `{\n${lines.join(',\n')}\n}\n`);
}

function fileOf(table) {
  return new URL(`recorded/${table}.json`, import.meta.url);
}

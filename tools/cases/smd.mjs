// Merge cases: each line of a file is a sequence of applies and updates with what structured-merge-diff made of it.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseMergeCase, runMergeCase } from '../../dist/smd/cases.js';

/** Failing cases that are printed in full; of more, only their number is. */
const shown = 20;

/** Runs all cases of the files; 0 when all passed, 1 when some failed, 2 when a file could not be read. */
export async function run(files) {
  if (files.length === 0) {
    console.error('usage: npm run cases:smd -- FILE.jsonl…');
    return 2;
  }
  const totals = { passed: 0, failed: 0, broken: false };
  for (const file of files) await runFile(file, totals);
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
  if (totals.broken) return 2;
  return totals.failed > 0 ? 1 : 0;
}

async function runFile(file, totals) {
  let number = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      number++;
      if (line.trim() !== '') runLine(line, `${file}:${number}`, totals);
    }
    if (number === 0) throw new Error('the file is empty');
  } catch (error) {
    totals.broken = true;
    console.error(`Cannot run cases of ${file}${number > 0 ? ` line ${number}` : ''}: ${error.message}`);
  }
}

function runLine(line, where, totals) {
  const failures = runMergeCase(parseMergeCase(line));
  if (failures.length === 0) {
    totals.passed++;
    return;
  }
  totals.failed++;
  if (totals.failed > shown) return;
  for (const { step, what, expected, actual } of failures) {
    console.log(`${where} step ${step}: ${what}\n${diff(expected, actual)}`);
  }
}

/** The lines that differ, as `-` expected and `+` actual, with what they share at both ends cut. */
function diff(expected, actual) {
  const left = expected.split('\n');
  const right = actual.split('\n');
  const gone = left.filter((line) => !right.includes(line)).map((line) => `  - ${line}`);
  const come = right.filter((line) => !left.includes(line)).map((line) => `  + ${line}`);
  return [...gone, ...come].join('\n');
}

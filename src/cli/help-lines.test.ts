import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import { breakLines } from './help-lines.ts';
import type { Io } from './io.ts';
import { buildProgram } from './program.ts';

const FULL = 'This line was ended by who wrote it, since it had come to the margin,';

const cases: readonly (readonly [string, string, string])[] = [
  [
    'lines that were full flow together',
    `${FULL}\nand goes on here.`,
    'This line was ended by who wrote it, since it had come to the margin, and goes\non here.',
  ],
  ['a line that was not full stays a line', 'It is one of\nthese or those', 'It is one of\nthese or those'],
  ['a paragraph ends at an empty line', `${FULL}\n\nAnother`, `${FULL}\n\nAnother`],
  [
    'a row of two columns hangs below its second',
    '  heal     it also puts back what was changed by others: a chart and GitOps do that as well',
    '  heal     it also puts back what was changed by others: a chart and GitOps do\n           that as well',
  ],
  [
    'what hangs below a full row belongs to it',
    '  heal     it also puts back what was changed by others: a chart and\n           GitOps do that, and more',
    '  heal     it also puts back what was changed by others: a chart and GitOps do\n           that, and more',
  ],
  ['a row that follows a full one is another', `  one  ${FULL}\n  two  this`, `  one  ${FULL}\n  two  this`],
  ['a word longer than a line is not broken', 'a'.repeat(90), 'a'.repeat(90)],
  ['an end of line stays', 'one\n', 'one\n'],
  [
    'examples stay as they are',
    `Examples:\n  nekube ${'long '.repeat(20)}\n\n${'word '.repeat(20)}`,
    `Examples:\n  nekube ${'long '.repeat(20)}\n\n${'word '.repeat(16).trim()}\n${'word '.repeat(4).trim()}`,
  ],
];

for (const [name, text, expected] of cases) {
  test(name, () => assert.equal(breakLines(text, 80).trimEnd(), expected.trimEnd()));
}

test('every help fits into 80 columns, but for examples', () => {
  let printed = '';
  const io = { stdout: (text: string) => (printed += text), stderr: () => {} } as unknown as Io;
  const long = everyCommand(buildProgram(io)).flatMap((command) => {
    printed = '';
    command.outputHelp();
    const prose = printed.replace(/^Examples:\n(?:.+\n?)*/gm, '');
    return prose.split('\n').filter((line) => line.length > 80 && line.trim().includes(' '));
  });
  assert.deepEqual(long, []);
});

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from './program.ts';

/**
 * The command lines of testdata/*.txt and what they print. A case is
 *
 *     = a sentence about behaviour
 *     -- file that is there before, with the lines below it
 *     $ nekube the command line
 *     | a line on stdout
 *     ! a line on stderr
 *     ? the exit code, unless it is 0
 *
 * `npm test -- cli --update` writes down what is printed now.
 */
interface Case {
  readonly name: string;
  readonly files: ReadonlyMap<string, string>;
  readonly command: string;
  readonly printed: readonly string[];
}

const testdata = fileURLToPath(new URL('../../src/cli/testdata/', import.meta.url));
const update = process.env.NEKUBE_UPDATE_GOLDENS !== undefined;

for (const archive of readdirSync(testdata).filter((name) => name.endsWith('.txt'))) {
  describe(archive, () => {
    const texts: string[] = [];
    for (const one of parseArchive(readFileSync(join(testdata, archive), 'utf8'))) {
      test(one.name, async () => {
        const printed = await execute(one);
        texts.push(formatCase({ ...one, printed }));
        if (!update) assert.equal(printed.join('\n'), one.printed.join('\n'));
      });
    }
    after(() => {
      if (update) writeFileSync(join(testdata, archive), texts.join('\n'));
    });
  });
}

function parseArchive(text: string): Case[] {
  return text
    .split(/^= /m)
    .slice(1)
    .map((block) => {
      const [name = '', ...lines] = block.split('\n');
      const at = lines.findIndex((line) => line.startsWith('$ '));
      return {
        name,
        files: parseFiles(lines.slice(0, at)),
        command: lines[at]!.slice(2),
        printed: lines.slice(at + 1).filter((line) => line !== ''),
      };
    });
}

function parseFiles(lines: readonly string[]): Map<string, string> {
  const files = new Map<string, string>();
  let name = '';
  for (const line of lines) {
    if (line.startsWith('-- ')) name = line.slice(3);
    files.set(name, line.startsWith('-- ') ? '' : `${files.get(name)}${line}\n`);
  }
  return files;
}

function formatCase({ name, files, command, printed }: Case): string {
  const archived = [...files].flatMap(([file, text]) => [`-- ${file}`, ...text.split('\n').slice(0, -1)]);
  return [`= ${name}`, ...archived, `$ ${command}`, ...printed, ''].join('\n');
}

/** Runs a command line in a folder of its own and gives what it printed, marked as in the archive. */
async function execute({ files, command }: Case): Promise<string[]> {
  const cwd = mkdtempSync(join(tmpdir(), 'nekube-cli-'));
  for (const [name, text] of files) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  const out = { stdout: '', stderr: '' };
  // node sets it when a test fails, and "help" ends with it
  const { exitCode } = process;
  process.exitCode = undefined;
  try {
    const code = await run(words(command).slice(1), {
      stdout: (text) => (out.stdout += text),
      stderr: (text) => (out.stderr += text),
      env: { HOME: cwd },
      cwd,
      signal: AbortSignal.abort(),
      columns: undefined,
      elapsedMs: () => 0,
    });
    const lines = [...marked('|', out.stdout), ...marked('!', out.stderr), ...(code === 0 ? [] : [`? ${code}`])];
    return lines.map((line) => line.replaceAll(cwd, '<dir>'));
  } finally {
    process.exitCode = exitCode;
    rmSync(cwd, { recursive: true });
  }
}

/** The words of a command line; single quotes hold one together. */
function words(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

function marked(mark: string, text: string): string[] {
  return text === ''
    ? []
    : text
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => `${mark} ${line}`.trimEnd());
}

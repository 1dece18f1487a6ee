import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseYaml } from 'nekube/apimachinery';
import fc from 'fast-check';
import { readBlocks } from './read-blocks.ts';
import { readIssue } from './read-issue.ts';
import { writeIssue } from './write-issue.ts';

const testdata = fileURLToPath(new URL('../../../src/weekly/testdata', import.meta.url));

for (const { name, text, blocks } of parseYaml(
  readFileSync(`${testdata}/blocks.yaml`, 'utf8'),
) as unknown as BlockCase[]) {
  test(`blocks: ${name}`, () => assert.deepEqual(readBlocks(text), blocks));
}

interface BlockCase {
  readonly name: string;
  readonly text: string;
  readonly blocks: unknown;
}

for (const file of readdirSync(`${testdata}/issues`).filter((name) => name.endsWith('.in.txt'))) {
  const name = file.slice(0, -'.in.txt'.length);
  test(`an issue: ${name}`, () => {
    const text = readFileSync(`${testdata}/issues/${file}`, 'utf8');
    const { issue, notes } = readIssue(text, { fileName: `${name}.md` });
    const zenn = writeIssue(issue, 'zenn');
    assert.equal(zenn, readFileSync(`${testdata}/issues/${name}.out.md`, 'utf8'));
    assert.deepEqual(notes, parseYaml(readFileSync(`${testdata}/issues/${name}.notes.yaml`, 'utf8')));
    assert.deepEqual(readIssue(zenn, { before: issue }).issue, issue);
    assert.deepEqual(readIssue(zenn).issue, issue);
  });
}

const page = fileURLToPath(new URL('../../../../shared/weekly/2022-10-21.txt', import.meta.url));

test('a page of a real weekly is read from its copied text', {
  skip: existsSync(page) ? false : 'the text is not here',
}, () => {
  const { issue } = readIssue(readFileSync(page, 'utf8'));
  const { number, date, language, introduction, sections, afterword } = issue;
  assert.deepEqual({ number, date, language }, { number: 12, date: '2022-10-21', language: 'ja' });
  assert.deepEqual(
    sections.map(({ emoji, title, stories }) => [emoji, title, stories.length]),
    [
      ['👀', 'Notable Articles', 5],
      ['👀', 'Notable PRs', 1],
    ],
  );
  assert.equal(introduction.length, 3);
  assert.equal(afterword?.title, 'あとがき');
  assert.equal(afterword.blocks.length, 2);
  assert.deepEqual(readIssue(writeIssue(issue, 'zenn')).issue, issue);
});

test('a front matter that is no YAML is an error that says so', () => {
  const text = '---\ntitle: a: b\n---\nText';
  assert.throws(() => readIssue(text), {
    message: 'front matter: yaml: mapping values are not allowed in this context',
  });
});

test('a number and a day that no issue can have are none', () => {
  for (const said of [
    '"number":1e999,"date":"soon"',
    '"number":-5,"date":"2031-3-7"',
    '"number":1.5,"date":20310307',
  ]) {
    const { issue } = readIssue(`<!-- weekly: {${said}} -->\n\n## A\n\n### b\n\nText.`);
    assert.deepEqual([issue.number, issue.date], [undefined, undefined]);
  }
  assert.equal(readIssue('---\nnumber: -1\n---\n## A\n\n### b').issue.number, undefined);
});

test('a second reading of any text changes nothing more', () => {
  const line = fc.oneof(
    fc.constantFrom(
      '# a',
      '## 👀 b',
      '### [c](https://x.example)',
      'https://x.example/',
      'あとがき',
      '',
      ':::message',
      ':::',
      '- x',
      '  y',
      '> q',
      '---',
      '===',
      '```',
      '<div>',
      '第12回',
      '[^1]: n',
      '    code',
      'Sentence.',
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      // lines across with no YAML between them are an error, as such
      fc.pre(lines[0] !== '---');
      const first = readIssue(lines.join('\n')).issue;
      for (const flavor of ['zenn', 'markdown'] as const) {
        assert.deepEqual(readIssue(writeIssue(first, flavor), { before: first }).issue, first);
      }
    }),
    { numRuns: 500 },
  );
});

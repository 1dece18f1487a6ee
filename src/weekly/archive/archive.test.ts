import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { readIssue } from '../markdown/read-issue.ts';
import { readArchive } from './archive.ts';
import { linkPastIssues } from './past-links.ts';
import { ArchiveIndex } from './search.ts';

function folder(t: TestContext, files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'nekube-archive-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

const issue = (title: string, story: string, text: string): string =>
  `---\ntitle: "${title}"\n---\n\n## Articles\n\n### ${story}\n\n${text}\n`;

const FILES = {
  'articles/harbor-weekly-0006.md': issue(
    'Harbor Weekly 6 (2031-04-25号)',
    'Server-Side Apply',
    '誰がどのフィールドで衝突しているかを調べます。',
  ),
  'articles/harbor-weekly-0007.md': issue('Harbor Weekly 7 (2031-05-02号)', 'Envoy Gateway', 'Routes by apply.'),
  'articles/broken.md': '---\na: b: c\n---\n',
  'README.md': '# Not an issue',
  '.git/x.md': '# Nor this',
  'node_modules/a/b.md': '# Nor that',
};

test('all Markdown of a folder is read as issues, the newest first, and what cannot be is told', (t) => {
  const { issues, unread } = readArchive(folder(t, FILES));
  assert.deepEqual(
    issues.map(({ file, issue: { date } }) => `${date} ${file}`),
    ['2031-05-02 articles/harbor-weekly-0007.md', '2031-04-25 articles/harbor-weekly-0006.md'],
  );
  assert.deepEqual(
    unread.map(({ file }) => file),
    ['articles/broken.md'],
  );
});

test('stories are found by words of any language, and those with the words in their titles first', (t) => {
  const index = new ArchiveIndex(readArchive(folder(t, FILES)).issues);
  const titles = (words: string): string[] => index.search(words).map(({ title }) => title);
  assert.deepEqual(titles('衝突'), ['Server-Side Apply']);
  assert.deepEqual(titles('フィールド 衝突'), ['Server-Side Apply']);
  assert.deepEqual(titles('apply'), ['Server-Side Apply', 'Envoy Gateway']);
  assert.deepEqual(titles('envoy gat'), ['Envoy Gateway']);
  assert.deepEqual(titles('突衝'), []);
});

test('mentions of past issues are links, outside code and links', (t) => {
  const { issues } = readArchive(folder(t, FILES));
  const text =
    'See Harbor Weekly 6 2031-04-25号, `Harbor Weekly 6 2031-04-25号` and [Harbor Weekly 6 (2031-04-25号)](https://x.example).';
  const { issue: linked, links } = linkPastIssues(
    readIssue(issue('New', 'Story', text)).issue,
    issues,
    (past) => `https://example.com/${past.issue.slug}`,
  );
  assert.equal(
    linked.sections[0]!.stories[0]!.blocks[0]!.text,
    text.replace(
      'Harbor Weekly 6 2031-04-25号,',
      '[Harbor Weekly 6 2031-04-25号](https://example.com/harbor-weekly-0006),',
    ),
  );
  assert.deepEqual(
    links.map(({ url }) => url),
    ['https://example.com/harbor-weekly-0006'],
  );
});

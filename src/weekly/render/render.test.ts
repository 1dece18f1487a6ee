import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseYaml } from 'nekube/apimachinery';
import fc from 'fast-check';
import { parseFeed } from '../feeds/parse-feed.ts';
import type { IssueDocument } from '../issue/model.ts';
import { readIssue } from '../markdown/read-issue.ts';
import { writeAtom } from './atom.ts';
import { writeEmail, writeEmailHtml } from './email.ts';
import { htmlOfInline } from './html-blocks.ts';
import { writeHtml } from './html-page.ts';
import { checkZenn, checkZennFields } from './zenn-rules.ts';

const testdata = fileURLToPath(new URL('../../../src/weekly/testdata', import.meta.url));

interface InlineCase {
  readonly name: string;
  readonly text: string;
  readonly html: string;
}

for (const { name, text, html } of parseYaml(
  readFileSync(`${testdata}/inline.yaml`, 'utf8'),
) as unknown as InlineCase[]) {
  test(`inline: ${name}`, () => assert.equal(htmlOfInline(text, { look: () => '', showsImages: false }), html));
}

const PIECES = [
  '<script>',
  '</p>',
  '"',
  "'",
  '<',
  '>',
  '&',
  ' onclick=x ',
  '[a](',
  '![a](',
  'javascript:x',
  ')',
  'https://x.example/"',
  '**',
  '*',
  '`',
  '```',
  '\n',
  '\n\n',
  '- ',
  '  - ',
  '1. ',
  '> ',
  '| a |\n| - |\n',
  '# ',
  '#### ',
  ':::message\n',
  ':::\n',
  ':::details <b>\n',
  '@[youtube](x"y)\n',
  '<img src=x onerror=alert(1)>',
  '[^1]: ',
  '$$',
  '<!-- a -->',
  '\u0000',
  '\ud800',
  'word',
  '日本語',
];
const markdown = fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((pieces) => pieces.join(''));
const TAGS =
  /^<(?:\/?(?:html|head|body|title|style|header|main|p|h[1-6]|ul|li|blockquote|code|strong|em|del|details|summary|div|sup|table|thead|tbody|tr|th|td|span|figure|figcaption)|br|hr|!doctype html|meta charset="utf-8"|\/?ol(?: start="\d+")?|\/?a(?: href="(?:https?:|mailto:|[/#.])[^"<>]*" rel="noopener noreferrer")?|(?:html|div) lang="[\w-]+"|h[1-6] id="[\w-]+"|time datetime="[\d-]+"|\/time|pre tabindex="0"|\/pre|div role="note" class="(?:message|alert)"|p class="[a-z]+"|span class="soft"|span aria-hidden="true"|div class="gap"|div class="scroll" tabindex="0"|code class="language-[^"<>]*"|th scope="col"(?: align="(?:center|right)")?|td align="(?:center|right)"|meta (?:name|http-equiv)="[\w-]+" content="[^"<>]*")>$/i;

test('a page has our elements alone, whatever texts have in them, and all are closed in order', () => {
  fc.assert(
    fc.property(markdown, markdown, (text, title) => {
      const html = writeHtml({ ...readIssue(text).issue, title }).replace(/<style>[^<]*<\/style>/, '');
      const open: string[] = [];
      for (const [tag] of html.matchAll(/<[^>]*>?/g)) {
        assert.match(tag, TAGS);
        const name = /^<\/?([a-z0-9!]+)/i.exec(tag)![1]!;
        if (['br', 'hr', 'meta', '!doctype'].includes(name)) continue;
        if (tag.startsWith('</')) assert.equal(open.pop(), name);
        else {
          assert.ok(name !== 'a' || !open.includes('a'), 'a link is in no link');
          open.push(name);
        }
      }
      assert.deepEqual(open, []);
    }),
    { numRuns: Number(process.env.NEKUBE_RUNS ?? 1000) },
  );
});

test('a mail has no script, no style sheet, and nothing from elsewhere', () => {
  fc.assert(
    fc.property(markdown, (text) => {
      const html = writeEmailHtml(readIssue(text).issue);
      assert.doesNotMatch(html, /<(?:script|style|link|img|iframe|object|svg|form)\b|\burl\(|\son\w+="|@import/i);
    }),
  );
});

const SAMPLE: IssueDocument = {
  number: 7,
  date: '2031-05-02',
  language: 'ja',
  title: '港の週刊 第7回',
  slug: 'harbor-weekly-0007',
  emoji: '🚢',
  type: 'tech',
  topics: ['kubernetes'],
  published: true,
  introduction: [{ id: 'a', kind: 'paragraph', text: 'こんにちは。' }],
  sections: [
    {
      id: 's',
      title: 'Articles',
      emoji: '👀',
      introduction: [],
      stories: [{ id: 't', title: 'A `story`', blocks: [{ id: 'c', kind: 'card', url: 'https://example.com/story' }] }],
    },
  ],
};

test('a page allows no script, and no style but its own', () => {
  const html = writeHtml(SAMPLE);
  assert.match(
    html,
    /content="default-src 'none'; style-src 'sha256-[\w+/=]+'; img-src 'none'; base-uri 'none'; form-action 'none'"/,
  );
});

test('what is not translated is marked, in the language that it is in', () => {
  const html = writeHtml(SAMPLE, { language: 'en' });
  assert.match(html, /<html lang="en">/);
  assert.match(html, /<p class="soft">not translated yet<\/p><div lang="ja"><p>こんにちは。<\/p><\/div>/);
});

test('a mail has the same in HTML and as text, with a subject that every program reads', () => {
  const mail = writeEmail(SAMPLE, {
    from: 'Harbor <harbor@example.com>\r\nBcc: x@example.com',
    date: new Date('2031-05-02T09:00:00Z'),
  });
  const [head, ...parts] = mail.split(/--issue-[0-9a-f]+(?:--)?\r\n/);
  assert.match(
    head!,
    /^From: Harbor <harbor@example\.com> Bcc: x@example\.com\r\nSubject: =\?utf-8\?B\?[\w+/=]+\?=\r\nDate: Fri, 02 May 2031 09:00:00 \+0000\r\n/,
  );
  const texts = parts.map((part) => Buffer.from(part.split('\r\n\r\n')[1] ?? '', 'base64').toString());
  assert.match(
    texts[0]!,
    /^港の週刊 第7回\r\n=+\r\n\r\nこんにちは。\r\n\r\n👀 Articles\r\n=+\r\n\r\nA story\r\n-+\r\n\r\nhttps:\/\/example\.com\/story/,
  );
  assert.match(texts[1]!, /<p style="[^"]*">こんにちは。<\/p>/);
  assert.ok(mail.split('\r\n').every((line) => line.length <= 78));
});

/** A header's text as a program reads it: unfolded, and without RFC 2047's words. */
function readHeader(mail: string, name: string): string {
  const [head = ''] = mail.split('\r\n\r\n');
  const [, folded = ''] = new RegExp(`^${name}:((?:.|\\r\\n[ \\t])*)`, 'm').exec(head) ?? [];
  return folded
    .replace(/\r\n(?=[ \t])/g, '')
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?B\?([\w+/=]*?)\?=/g, (_, word: string) => Buffer.from(word, 'base64').toString())
    .replace(/\s+/g, ' ')
    .trim();
}

/** The rules of RFC 5322 (2.1.1, 2.2, 3.6) and RFC 2047 (2) that a head breaks. */
function brokenRules(mail: string): string[] {
  const [head = ''] = mail.split('\r\n\r\n');
  const lines = head.split('\r\n');
  const names = lines.filter((line) => !/^[ \t]/.test(line)).map((line) => /^([!-9;-~]+):/.exec(line)?.[1] ?? line);
  return [
    ...mail.split('\r\n').filter((line) => /[\r\n]/.test(line) || Buffer.byteLength(line) > 998),
    ...lines.filter((line) => !/^[\x20-\x7e]+$/.test(line) || /^\s*$/.test(line)),
    ...lines.filter((line) => line.length > (line.includes('=?') ? 76 : 78)),
    ...(head.match(/=\?[^?]*\?[^?]*\?[^?]*\?=/g) ?? []).filter((word) => word.length > 75),
    ...names.filter((name, i) => names.indexOf(name) !== i),
  ];
}

const HEADERS: readonly (readonly [name: string, title: string, from: string, to: string])[] = [
  [
    'texts of ASCII',
    'Harbor Weekly 7',
    'Harbor <harbor@example.com>',
    'anna@example.com, "Ken, of the port" <ken@example.com>',
  ],
  [
    'a long title of Japanese',
    '港の週刊'.repeat(12),
    '港の人 <harbor@example.com>',
    '"港、波" <a@example.com>, 山 <b@example.com>',
  ],
  ['characters of four bytes', '🚢'.repeat(30), `${'🚢'.repeat(20)} <harbor@example.com>`, 'a@example.com'],
  ['a long title of ASCII', 'x'.repeat(200), 'Harbor <harbor@example.com>', 'a@example.com'],
  ['a title as long as a line', 'x'.repeat(69), 'Harbor <harbor@example.com>', 'a@example.com'],
  ['what looks like a word of RFC 2047', '=?utf-8?B?QQ==?= is A', 'Harbor <harbor@example.com>', 'a@example.com'],
  ['no title', '', 'harbor@example.com', 'a@example.com'],
  ['500 people', 'A', 'h@example.com', Array.from({ length: 500 }, (_, i) => `P${i} <p${i}@example.org>`).join(', ')],
];
for (const [name, title, from, to] of HEADERS)
  test(`a mail is one by its RFCs, and is read as it was meant, with ${name}`, () => {
    const mail = writeEmail({ ...SAMPLE, title }, { from, to });
    assert.deepEqual(brokenRules(mail), []);
    const plain = (text: string): string => text.replaceAll('"港、波"', '港、波');
    assert.deepEqual(
      ['Subject', 'From', 'To'].map((header) => readHeader(mail, header)),
      [title, plain(from), plain(to)],
    );
  });

test('a mail is one by its RFCs whatever is in its texts', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      (title, from, to) => {
        const mail = writeEmail(
          { ...SAMPLE, title, introduction: [] },
          { from: from.slice(0, 40), to: to.slice(0, 40) },
        );
        const names = mail.split('\r\n\r\n')[0]!.match(/^[\w-]+(?=:)/gm);
        assert.deepEqual(names, ['From', 'To', 'Subject', 'MIME-Version', 'Content-Language', 'Content-Type']);
      },
    ),
  );
});

test('a feed of issues is read as the issues that it was made of', () => {
  const older = { ...SAMPLE, number: 6, date: '2031-04-25', slug: 'harbor-weekly-0006', title: 'A & B <c> \u0001' };
  const feed = parseFeed(
    Buffer.from(
      writeAtom([older, SAMPLE, { ...SAMPLE, slug: undefined }], {
        title: 'Harbor',
        url: 'https://example.com/w',
        author: 'Team',
      }),
    ),
  );
  assert.deepEqual(
    feed.items.map(({ title, link }) => [title, link]),
    [
      ['港の週刊 第7回', 'https://example.com/w/harbor-weekly-0007'],
      ['A & B <c>', 'https://example.com/w/harbor-weekly-0006'],
    ],
  );
  assert.deepEqual(feed.defects, []);
});

test('a feed has no two entries of one id, as RFC 4287 (4.1.1) wants it', () => {
  const feed = { title: 'Harbor', url: 'https://example.com/w', author: 'Team' };
  const ids = writeAtom([SAMPLE, { ...SAMPLE, title: 'Again' }], feed).match(/<id>.*<\/id>\n<title>.*<\/title>/g);
  assert.equal(ids?.length, 2, 'the feed itself, and one entry');
  assert.match(ids[1]!, /harbor-weekly-0007<\/id>\n<title>Again/);
});

const NOW = new Date('2031-05-02T00:00:00Z');
const GOOD = { title: 'A', emoji: '🚢', type: 'tech', topics: ['kubernetes'], published: true };
const FIELDS: readonly (readonly [
  name: string,
  fields: Record<string, unknown>,
  slug: string | undefined,
  rules: string[],
])[] = [
  ['all is well', GOOD, 'harbor-weekly-0007', []],
  ['nothing is there', {}, undefined, ['slug', 'title', 'emoji', 'type', 'topics', 'published']],
  ['a slug is short', GOOD, 'harbor', ['slug']],
  ['a slug has capitals', GOOD, 'Harbor-Weekly-0007', ['slug']],
  ['a slug is long', GOOD, 'a'.repeat(51), ['slug']],
  ['a title has 71 characters', { ...GOOD, title: 'あ'.repeat(71) }, 'harbor-weekly-0007', ['title-length']],
  ['a title has 70 characters', { ...GOOD, title: 'あ'.repeat(70) }, 'harbor-weekly-0007', []],
  ['there are two emoji', { ...GOOD, emoji: '🚢🚢' }, 'harbor-weekly-0007', ['emoji']],
  ['an emoji is of several characters', { ...GOOD, emoji: '👩‍👩‍👧' }, 'harbor-weekly-0007', []],
  ['a flag is one emoji', { ...GOOD, emoji: '🇯🇵' }, 'harbor-weekly-0007', []],
  ['an emoji is a letter', { ...GOOD, emoji: 'x' }, 'harbor-weekly-0007', ['emoji']],
  ['a type is another', { ...GOOD, type: 'news' }, 'harbor-weekly-0007', ['type']],
  ['there are six topics', { ...GOOD, topics: ['a', 'b', 'c', 'd', 'e', 'f'] }, 'harbor-weekly-0007', ['topics']],
  [
    'topics have signs and spaces, and are no texts',
    { ...GOOD, topics: ['c++', 'a b', 1] },
    'harbor-weekly-0007',
    ['topic', 'topic', 'topic'],
  ],
  ['topics are Japanese', { ...GOOD, topics: ['日本語'] }, 'harbor-weekly-0007', []],
  ['a topic is there twice', { ...GOOD, topics: ['go', 'go'] }, 'harbor-weekly-0007', ['topic-twice']],
  ['published is in quotes', { ...GOOD, published: 'true' }, 'harbor-weekly-0007', ['published']],
  ['a time is a day', { ...GOOD, published_at: '2031-05-01' }, 'harbor-weekly-0007', []],
  ['a time has seconds', { ...GOOD, published_at: '2031-05-01 09:00:00' }, 'harbor-weekly-0007', ['published_at']],
  ['a time is of no calendar', { ...GOOD, published_at: '2031-02-30 09:00' }, 'harbor-weekly-0007', ['published_at']],
  [
    'a time is to come, and nobody is to see it',
    { ...GOOD, published: false, published_at: '2031-06-01 09:00' },
    'harbor-weekly-0007',
    ['published_at-later'],
  ],
  ['a time is to come', { ...GOOD, published_at: '2031-06-01 09:00' }, 'harbor-weekly-0007', []],
  ['there are tags', { ...GOOD, tags: ['a'] }, 'harbor-weekly-0007', ['tags']],
];

for (const [name, fields, slug, rules] of FIELDS) {
  test(`Zenn's rules: ${name}`, () => {
    const found = checkZennFields(fields as Parameters<typeof checkZennFields>[0], slug, NOW);
    assert.deepEqual(
      found.map(({ rule }) => rule),
      rules,
    );
  });
}

test("Zenn's rules are named with the place in the issue", () => {
  const story = { id: 'u', title: '', blocks: [{ id: 'e', kind: 'embed', service: 'radio', text: 'x' }] } as const;
  const issue = {
    ...SAMPLE,
    topics: ['a', 'b c'],
    sections: [{ ...SAMPLE.sections[0]!, stories: [SAMPLE.sections[0]!.stories[0]!, story] }],
  };
  assert.deepEqual(
    checkZenn(issue, NOW).map(({ rule, place }) => `${rule} ${place}`),
    ['topic topics[1]', 'heading sections[0].stories[1].title', 'embed sections[0].stories[1].blocks[0]'],
  );
  assert.deepEqual(checkZenn(SAMPLE, NOW), []);
});

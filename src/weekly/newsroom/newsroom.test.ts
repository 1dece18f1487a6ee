import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { IssueDocument } from '../issue/model.ts';
import { readIssue } from '../markdown/read-issue.ts';
import { type IssueObject, type StoryObject, type StorySpec, WEEKLY_API } from '../resources/kinds.ts';
import { type PlacedTranslation, sourceHash } from '../issue/translate.ts';
import { storyTranslations, translationsApply, translationsFresh } from './translations.ts';
import { plainText } from '../markdown/inline.ts';
import { markdownOfText } from '../markdown/markdown-of-text.ts';
import { applyOverMachines } from './decision.ts';
import { editorName, isEditorName, isUnnamed, isVoteOf, sharedName } from './editor-name.ts';
import { agendaMarkdown } from './agenda-markdown.ts';
import { agendaOf, rankStories } from './agenda.ts';
import { composeIssue, decomposeIssue } from './compose.ts';

const issues = new URL('../../../src/weekly/testdata/issues/', import.meta.url);

function story(name: string, spec: Partial<StorySpec>, more: Partial<StoryObject> = {}): StoryObject {
  const whole = { title: name, ...spec };
  return { apiVersion: WEEKLY_API, kind: 'Story', metadata: { name, namespace: 'default' }, spec: whole, ...more };
}

function issue(spec: Partial<IssueObject['spec']> = {}): IssueObject {
  const sections = [
    { id: 'articles', title: 'Articles', introduction: [] },
    { id: 'prs', title: 'PRs', introduction: [] },
  ];
  return {
    apiVersion: WEEKLY_API,
    kind: 'Issue',
    metadata: { name: 'issue-12', namespace: 'default' },
    spec: { number: 12, title: 'Twelve', sections, ...spec },
  };
}

const accepted = { state: 'Accepted', issueRef: { name: 'issue-12' } } as const;

/** What two documents that are the same have in common: all but ids of stories, which are names of objects, and when it is published. */
function comparable({ sections, published: _, publishedAt: __, ...rest }: IssueDocument): object {
  const without = sections.map((one) => ({ ...one, stories: one.stories.map(({ id: ___, ...content }) => content) }));
  return { ...rest, sections: without };
}

describe('an issue as objects', () => {
  for (const file of readdirSync(issues).filter((name) => name.endsWith('.md') || name.endsWith('.in.txt')))
    it(`is the same document again: ${file}`, () => {
      const { issue: read } = readIssue(readFileSync(new URL(file, issues), 'utf8'));
      const document = { ...read, number: read.number ?? 1 };
      const { issue: made, stories } = decomposeIssue(document);
      const objects = stories.map(({ name, spec }) => story(name, spec));
      const composed = composeIssue({ ...issue(), metadata: { name: made.name }, spec: made.spec }, objects);
      assert.deepEqual(comparable(composed.document), comparable(document));
      assert.deepEqual(composed.leftOut, []);
      assert.equal(new Set(stories.map(({ name }) => name)).size, stories.length);
      for (const { name } of stories) assert.match(name, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
    });

  it('tells the stories that are accepted for it, by order, then votes', () => {
    const stories = [
      story('late', { ...accepted, order: 20 }),
      story('liked', accepted, { status: { votesFor: 3 } }),
      story('plain', accepted),
      story('early', { ...accepted, order: 10 }),
      story('proposed', { issueRef: { name: 'issue-12' } }),
      story('other', { ...accepted, issueRef: { name: 'issue-11' } }),
      story('pr', { ...accepted, section: 'prs' }),
    ];
    const { document } = composeIssue(issue(), stories);
    assert.deepEqual(
      document.sections.map((section) => section.stories.map(({ id }) => id)),
      [['early', 'late', 'liked', 'plain'], ['pr']],
    );
  });

  it('says which stories have no place in it', () => {
    const stories = [story('lost', { ...accepted, section: 'gone' })];
    assert.deepEqual(composeIssue(issue(), stories).leftOut, [
      'Story lost is for section "gone", which the issue does not have',
    ]);
    assert.deepEqual(composeIssue(issue({ sections: [] }), [story('a', accepted)]).leftOut, [
      'The issue has no section for its stories',
    ]);
  });
});

describe('translations as objects', () => {
  const at = (place: string, text: string, source: string): PlacedTranslation => ({
    place,
    language: 'en',
    text,
    sourceHash: sourceHash(source),
  });
  const blocks = [
    { id: 'a', kind: 'paragraph', text: 'Eins.' },
    { id: 'b', kind: 'paragraph', text: 'Zwei.' },
  ] as const;
  const translated = (translations: readonly PlacedTranslation[]): StoryObject =>
    story('one', { ...accepted, title: 'Titel', url: 'https://example.com/', blocks, translations });
  const whole = [at('title', 'Title', 'Titel'), at('blocks/a', 'One.', 'Eins.'), at('blocks/b', 'Two.', 'Zwei.')];

  it('are those of the document again', () => {
    const { document } = composeIssue(issue({ translations: [at('title', 'Twelfth', 'Twelve')] }), [translated(whole)]);
    assert.equal(document.sections[0]!.stories[0]!.blocks[0]!.translations?.[0]?.text, 'One.');
    const again = decomposeIssue({ ...document, number: 12 });
    assert.deepEqual(again.issue.spec.translations, [at('title', 'Twelfth', 'Twelve')]);
    assert.deepEqual(again.stories[0]!.spec.translations, whole);
    assert.equal(JSON.stringify(again.stories[0]!.spec.blocks).includes('translations'), false);
  });

  for (const [name, translations, status, reason, message] of [
    ['all is translated', whole, 'True', 'Fresh', ''],
    [
      'a text has changed',
      [...whole.slice(0, 2), at('blocks/b', 'Two.', 'Zwo.')],
      'False',
      'Stale',
      'en: blocks/b: the text has changed since it was translated',
    ],
    ['a text is new', whole.slice(0, 2), 'False', 'Missing', 'en: blocks/b: not translated'],
    [
      'a text is no more',
      [...whole, at('blocks/c', 'Three.', 'Drei.')],
      'True',
      'Orphaned',
      'en: blocks/c: the text is no more',
    ],
  ] as const)
    it(`are known to be fresh or not: ${name}`, () => {
      const found = translationsFresh(translations, storyTranslations(translated(translations)));
      assert.deepEqual(found, { type: 'TranslationsFresh', status, reason, message });
    });

  it('are no matter of an object that has none', () => {
    assert.equal(translationsFresh([], storyTranslations(translated([]))), undefined);
    assert.equal(translationsFresh(undefined, []), undefined);
  });

  it('are applied by an editor who changed them or had them before, and by nobody else', () => {
    const object = translated(whole);
    assert.equal(translationsApply('Story', object, 'ben', 'en', whole), undefined, 'they are as they were');
    const better = [whole[0]!, { ...whole[1]!, text: 'The first.' }, whole[2]!];
    const apply = translationsApply('Story', object, 'ben', 'en', better)!;
    assert.equal(apply.fieldManager, 'ben.translations');
    assert.deepEqual(apply.configuration.spec.translations, [better[1]]);
  });
});

describe('the agenda of a session', () => {
  it('is in the order of the issue, with when and by whom', () => {
    const stories = [
      story('pr', { ...accepted, section: 'prs', presenter: 'bob' }),
      story('two', { ...accepted, order: 2 }),
      story('one', { ...accepted, order: 1, presenter: 'alice' }),
    ];
    const agenda = agendaOf(issue({ session: { minutesPerStory: 10 } }), stories);
    assert.deepEqual(
      agenda.map((item) => [item.atMinute, item.presenter, item.section, item.story.metadata.name]),
      [
        [0, 'alice', 'Articles', 'one'],
        [10, undefined, 'Articles', 'two'],
        [20, 'bob', 'PRs', 'pr'],
      ],
    );
  });
});

const TITLES: readonly (readonly [title: string, url: string | undefined, line: string])[] = [
  ['Plain', 'https://example.com/a', '[Plain](https://example.com/a)'],
  ['`code` and *stress*', undefined, 'code and stress'],
  ['\\*not stress\\*', undefined, '\\*not stress\\*'],
  [
    'a](https://evil.example) [b',
    'https://example.com/a',
    '[a\\](https:\\/\\/evil.example) \\[b](https://example.com/a)',
  ],
  ['<img src=x onerror=y>', undefined, '\\<img src=x onerror=y\\>'],
  ['two\nlines\n# and a heading', undefined, 'two lines # and a heading'],
  [
    'Closes',
    'https://example.com/a) [b](https://evil.example',
    '[Closes](https://example.com/a%29%20[b]%28https://evil.example)',
  ],
  ['Runs', 'javascript:alert(1)', 'Runs'],
];

describe('the agenda in Markdown', () => {
  for (const [title, url, line] of TITLES)
    it(`has a line of one story: ${JSON.stringify(title)}`, () => {
      const one = story('one', { ...accepted, title, ...(url !== undefined && { url }), presenter: 'b[o]b' });
      assert.equal(agendaMarkdown(issue(), agendaOf(issue(), [one])), `# Twelve\n\n- 0:00 ${line} (b\\[o\\]b)\n`);
    });

  it('reads any text as that text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const shown = text.replace(/\s+/g, ' ').trim();
        assert.equal(plainText(markdownOfText(text)), shown);
      }),
    );
  });
});

describe('an apply that is refused', () => {
  for (const [self, managers, isForced] of [
    ['anna', ['weekly-feed'], true],
    ['anna', ['anna', 'weekly-story'], true],
    ['anna', ['anna.decisions'], true],
    ['anna', ['anna.b'], false],
    ['anna', ['ben', 'anna'], false],
    ['anna', [], false],
  ] as const)
    it(`of ${self} against ${managers.join(' and ') || 'nobody'} is ${isForced ? '' : 'not '}forced`, async () => {
      const causes = managers.map((manager) => ({ message: `conflict with "${manager}" using v1` }));
      const conflict = Object.assign(new Error('refused'), { status: { reason: 'Conflict', details: { causes } } });
      const applied: boolean[] = [];
      const apply = async (force: boolean): Promise<string> => {
        applied.push(force);
        return force ? 'done' : Promise.reject(conflict);
      };
      if (isForced) assert.equal(await applyOverMachines(self, apply), 'done');
      else await assert.rejects(applyOverMachines(self, apply), conflict);
      assert.deepEqual(applied, isForced ? [false, true] : [false]);
    });

  it('for another reason is never forced', async () => {
    const applied: boolean[] = [];
    const apply = async (force: boolean): Promise<never> => {
      applied.push(force);
      throw Object.assign(new Error('no'), { status: { reason: 'Forbidden' } });
    };
    await assert.rejects(applyOverMachines('anna', apply), /^Error: no$/);
    assert.deepEqual(applied, [false]);
  });
});

describe('the name of an editor', () => {
  for (const [username, name] of [
    ['alice', 'alice'],
    ['alice-example.org', 'alice-example.org'],
    ['alice@example.org', 'alice-example.org--40'],
    ['Alice@Example.org', 'alice-example.org--40u1000001'],
    ['system:serviceaccount:weekly:bot', 'system-serviceaccount-weekly-bot--3a3a3a'],
    ['BenDoe', 'bendoe--u1001'],
    ['a__b', 'a--b--5f5f'],
    ['a--b', 'a--b--2d2d'],
    ['a..b', 'u--x612e2e62'],
    ['-alice', 'u--x2d616c696365'],
    ['山田', 'u--xe5b1b1e794b0'],
    ['Jürgen Müller', 'j-rgen-m-ller--c3bc20c3bcu10000001'],
    ['a'.repeat(110), 'a'.repeat(110)],
    ['a'.repeat(111), 'editor--unnamed'],
    ['\u732b'.repeat(40), 'editor--unnamed'],
  ] as const)
    it(`of ${username} is ${name}`, () => {
      assert.equal(editorName(username), name);
      assert.equal(isUnnamed(username), name === 'editor--unnamed');
    });

  it('is none for what only looks like one that is none', () => assert.equal(isUnnamed('editor--unnamed'), false));

  it('can be the name of a field manager and part of that of an object, and tells who it is of', () => {
    const usernames = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'abAB01-.@:_uxü山', '--', '40', 'u1'), minLength: 1, maxLength: 12 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
    );
    fc.assert(
      fc.property(usernames, (username) => {
        const name = editorName(username);
        assert.ok(isEditorName(name));
        assert.equal(userOf(name), username);
      }),
      { numRuns: 3000 },
    );
  });

  it('was shared before, by which one finds the votes that one had then', () => {
    const vote = (voter: string, user?: string) =>
      ({ spec: { storyRef: { name: 'a' }, voter, value: 'For', ...(user !== undefined && { user }) } }) as const;
    assert.equal(sharedName('Anna@Example.org'), 'anna-example.org');
    assert.ok(isVoteOf(vote('anna-example.org'), 'Anna@Example.org'));
    assert.ok(isVoteOf(vote('anna-example.org--40u100001', 'Anna@Example.org'), 'Anna@Example.org'));
    assert.ok(!isVoteOf(vote('anna-example.org', 'anna-example.org'), 'Anna@Example.org'));
    assert.ok(!isVoteOf(vote('ben'), 'Anna@Example.org'));
  });
});

/** The user whose name an editor's is: names from which it is found again are of one user each. */
function userOf(name: string): string {
  const [, legible = name, hex, whole, hidden, upper = ''] =
    /^(.*)--(x([0-9a-f]*)|([0-9a-f]*)(?:u([01]+))?)$/.exec(name) ?? [];
  if (hex === undefined) return name;
  if (whole !== undefined) return Buffer.from(whole, 'hex').toString();
  const behind = [...Buffer.from(hidden ?? '', 'hex').toString()];
  return [...legible]
    .map((one, i) => (one === '-' ? behind.shift() : upper[i] === '1' ? one.toUpperCase() : one))
    .join('');
}

describe('stories that may be told next', () => {
  const now = new Date('2026-01-15T00:00:00Z');
  const fresh = { publishedTime: '2026-01-15T00:00:00Z' };

  it('are those proposed that tell nothing that was told, the best first', () => {
    const stories = [
      story('plain', fresh),
      story('voted', fresh, { status: { votesFor: 2 } }),
      story('weighty', { ...fresh, feedRef: { name: 'dear' } }),
      story('again', fresh, { status: { votesFor: 9, duplicateOf: [{ name: 'plain', by: 'Title' }] } }),
      story('taken', { ...fresh, ...accepted }),
      story('declined', { ...fresh, state: 'Declined' }),
    ];
    const ranked = rankStories(stories, new Map([['dear', 200]]), now);
    assert.deepEqual(
      ranked.map(({ story: one }) => one.metadata.name),
      ['voted', 'weighty', 'plain'],
    );
    assert.equal(ranked[1]!.rank.source, 1);
  });

  it('are ranked by when they were proposed where their own time is none', () => {
    const creationTimestamp = '2026-01-01T00:00:00Z';
    const stories = ['2026-01-15T00:00:00+99:99', undefined].map((publishedTime, i) =>
      story(`${i}`, publishedTime === undefined ? {} : { publishedTime }, {
        metadata: { name: `${i}`, creationTimestamp },
      }),
    );
    const scores = rankStories([...stories, story('new', {})], new Map(), now).map(({ rank }) => rank.score);
    assert.deepEqual(scores, [0, -1, -1]);
  });

  it('learns from what was told, and from what stayed a proposal for four weeks', () => {
    const at = (creationTimestamp: string): Partial<StoryObject> => ({
      metadata: { name: creationTimestamp, creationTimestamp },
    });
    const told = ['one', 'two', 'three'].map((word) =>
      story(word, { title: `eBPF ${word}`, url: `https://ebpf.io/${word}`, state: 'Accepted' }),
    );
    const webinar = { title: 'A webinar', url: 'https://vendor.example.com/1' };
    const publishedTime = '2031-03-06T00:00:00Z';
    const fresh = [
      story('liked', { title: 'eBPF again', url: 'https://ebpf.io/again', publishedTime }),
      story('disliked', { title: 'Another webinar', url: 'https://vendor.example.com/2', publishedTime }),
    ];
    const learned = (old: string): readonly number[] =>
      rankStories([...told, story('old', webinar, at(old)), ...fresh], new Map(), new Date('2031-03-07T00:00:00Z'))
        .filter(({ story: { metadata } }) => metadata.name !== old)
        .map(({ rank }) => Math.sign(rank.learned));
    assert.deepEqual(learned('2031-01-07T00:00:00Z'), [1, -1]);
    assert.deepEqual(learned('2031-02-27T00:00:00Z'), [0, 0], 'it may still be told');
  });
});

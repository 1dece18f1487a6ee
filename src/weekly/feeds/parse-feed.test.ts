import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseFeed } from './parse-feed.ts';
import { feedCases } from './testing/feed-cases.ts';

const utf8 = (text: string) => Buffer.from(text, 'utf8');

for (const { name, bytes, contentType, url, expected, codes = [] } of feedCases())
  test(`reads ${name}`, () => {
    const feed = parseFeed(bytes, { contentType, url });
    const found = { title: feed.title, count: feed.items.length, items: feed.items.map(({ title }) => title) };
    assert.deepEqual(found, expected);
    const missing = codes.filter((code) => !feed.defects.some((defect) => defect.code === code));
    assert.deepEqual(missing, [], `found ${feed.defects.map(({ code }) => code).join(', ')}`);
  });

test('there are at least four hundred cases, and no name twice', () => {
  const names = feedCases().map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.length >= 400);
});

test('every field of an item of RSS is read', () => {
  const feed = parseFeed(
    utf8(`<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" xml:base="http://feeds.example/blog/">
<channel><title>Notes</title><atom:link rel="self" href="http://feeds.example/rss"/><link>/blog/</link><language>ja</language>
<lastBuildDate>Fri, 21 Oct 2022 10:00:00 +0900</lastBuildDate><ttl>90</ttl>
<skipHours><hour>1</hour><hour>24</hour></skipHours><skipDays><day>Sunday</day></skipDays>
<item><guid isPermaLink="false">one</guid><title>First</title><link>1.html</link><description>&lt;p&gt;short&lt;/p&gt;</description>
<content:encoded><![CDATA[<p>long</p>]]></content:encoded><pubDate>Thu, 21 Oct 2022 00:00:00 GMT</pubDate>
<author>me@feeds.example (Me)</author><dc:creator>You</dc:creator><category>a</category><category>b</category><category>a</category>
<enclosure url="a.mp3" type="audio/mpeg" length="12"/><media:content url="http://feeds.example/m.png"/><comments>1.html#c</comments></item>
</channel></rss>`),
    { url: 'http://feeds.example/rss' },
  );
  assert.deepEqual(feed, {
    format: 'rss-2.0',
    title: 'Notes',
    link: 'http://feeds.example/blog/',
    language: 'ja',
    updated: '2022-10-21T01:00:00.000Z',
    hints: { intervalSeconds: 5400, skipHours: [1, 0], skipDays: [0] },
    encoding: 'utf-8',
    items: [
      {
        id: 'one',
        title: 'First',
        link: 'http://feeds.example/blog/1.html',
        summary: { type: 'html', value: '<p>short</p>', base: 'http://feeds.example/blog/' },
        content: { type: 'html', value: '<p>long</p>', base: 'http://feeds.example/blog/' },
        published: '2022-10-21T00:00:00.000Z',
        authors: [{ name: 'Me', email: 'me@feeds.example' }, { name: 'You' }],
        categories: ['a', 'b'],
        enclosures: [
          { url: 'http://feeds.example/blog/a.mp3', type: 'audio/mpeg', lengthBytes: 12 },
          { url: 'http://feeds.example/m.png' },
        ],
        commentsLink: 'http://feeds.example/blog/1.html#c',
      },
    ],
    defects: [],
  });
});

test('every field of an entry of Atom is read', () => {
  const feed = parseFeed(
    utf8(`<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" xml:base="http://feeds.example/"><title>Notes</title>
<subtitle>about</subtitle><link rel="self" href="atom"/><link href="."/><updated>2022-10-21T09:00:00+09:00</updated>
<author><name>Me</name><uri>/me</uri></author>
<entry xml:base="posts/"><id>tag:one</id><title type="html">A &lt;b&gt;B&lt;/b&gt;</title><link href="1"/>
<link rel="replies" type="text/html" href="1#c"/><link rel="enclosure" href="a.mp3" type="audio/mpeg" length="3"/>
<summary>short</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>a &amp; b<br/></p></div></content>
<published>2022-10-20</published><updated>2022-10-21T00:00:00.5Z</updated><category term="x" label="X"/></entry></feed>`),
  );
  assert.deepEqual(feed, {
    format: 'atom-1.0',
    title: 'Notes',
    link: 'http://feeds.example/',
    description: 'about',
    language: 'en',
    updated: '2022-10-21T00:00:00.000Z',
    hints: {},
    encoding: 'utf-8',
    items: [
      {
        id: 'tag:one',
        title: 'A B',
        link: 'http://feeds.example/posts/1',
        summary: { type: 'text', value: 'short' },
        content: { type: 'html', value: '<p>a &amp; b<br></p>', base: 'http://feeds.example/posts/' },
        published: '2022-10-20T00:00:00.000Z',
        updated: '2022-10-21T00:00:00.500Z',
        authors: [{ name: 'Me', url: 'http://feeds.example/me' }],
        categories: ['X'],
        enclosures: [{ url: 'http://feeds.example/posts/a.mp3', type: 'audio/mpeg', lengthBytes: 3 }],
        commentsLink: 'http://feeds.example/posts/1#c',
      },
    ],
    defects: [],
  });
});

test('every field of an item of JSON Feed is read', () => {
  const feed = parseFeed(
    utf8(
      JSON.stringify({
        version: 'https://jsonfeed.org/version/1.1',
        title: 'Notes',
        home_page_url: 'https://feeds.example/',
        language: 'ja',
        items: [
          {
            id: 7,
            url: '/7',
            title: 'Seven',
            content_html: '<p>7</p>',
            summary: 'seven',
            date_published: '2022-10-21T09:00:00+09:00',
            authors: [{ name: 'Me' }],
            tags: ['a'],
            attachments: [{ url: 'a.mp3', mime_type: 'audio/mpeg', size_in_bytes: 3 }],
          },
        ],
      }),
    ),
  );
  assert.equal(feed.format, 'json-1.1');
  assert.equal(feed.language, 'ja');
  assert.deepEqual(feed.items, [
    {
      id: '7',
      title: 'Seven',
      link: 'https://feeds.example/7',
      summary: { type: 'text', value: 'seven' },
      content: { type: 'html', value: '<p>7</p>', base: 'https://feeds.example/7' },
      published: '2022-10-21T00:00:00.000Z',
      authors: [{ name: 'Me' }],
      categories: ['a'],
      enclosures: [{ url: 'https://feeds.example/a.mp3', type: 'audio/mpeg', lengthBytes: 3 }],
    },
  ]);
});

test('an item without id and link has the same id in each round, and another one than others', () => {
  const read = (title: string) =>
    parseFeed(utf8(`<rss><channel><item><title>${title}</title></item></channel></rss>`)).items[0]!.id;
  assert.equal(read('a'), read('a'));
  assert.notEqual(read('a'), read('b'));
});

test('links that are not of the web are left out', () => {
  const feed = parseFeed(utf8('<rss><channel><item><link>javascript:alert(1)</link></item></channel></rss>'));
  assert.equal(feed.items[0]!.link, undefined);
});

test('a page of HTML is no feed, and that is said', () => {
  const feed = parseFeed(utf8('<!doctype html><html><head><title>Hello</title></head></html>'));
  assert.equal(feed.format, undefined);
  assert.deepEqual(
    feed.defects.filter(({ code }) => code === 'NotAFeed').map(({ message }) => message),
    ['this is an HTML page'],
  );
});

test('a defect has the line where it is', () => {
  const feed = parseFeed(utf8('<rss version="2.0">\n<channel>\n<title>a & b</title></channel></rss>'));
  assert.deepEqual(feed.defects, [
    { code: 'BareAmpersand', message: 'an & that begins no reference was read as text', line: 3 },
  ]);
});

test('of many defects of a kind the first few are listed, and the others counted', () => {
  const feed = parseFeed(utf8(`<rss><channel><title>${'& '.repeat(100)}</title></channel></rss>`));
  assert.equal(feed.defects.length, 3);
  assert.match(feed.defects[2]!.message, /and 97 more/);
});

test('more items than are allowed are left out', () => {
  const feed = parseFeed(utf8(`<rss><channel>${'<item><title>a</title></item>'.repeat(9)}</channel></rss>`), {
    maxItems: 4,
  });
  assert.equal(feed.items.length, 4);
  assert.deepEqual(
    feed.defects.map(({ code }) => code),
    ['TooMany'],
  );
});

/** Documents that make a careless reader take a time that is the square of their length, or more, or all memory. */
const hostile: Readonly<Record<string, string>> = {
  'entities of entities': `<!DOCTYPE x [<!ENTITY a0 "ha">${Array.from({ length: 60 }, (_, at) => `<!ENTITY a${at + 1} "&a${at};&a${at};&a${at};">`).join('')}]><rss><channel><title>&a60;</title></channel></rss>`,
  'nesting without end': `<rss><channel>${'<item><a>'.repeat(200_000)}`,
  'ends without beginnings': `<rss><channel>${'<b><b><b>'.repeat(50)}${'</x>'.repeat(300_000)}`,
  'CDATA without ends': `<rss><channel>${'<![CDATA['.repeat(150_000)}`,
  'comments without ends': `<rss><channel>${'<!-- '.repeat(200_000)}`,
  'document types without ends': `<rss>${'<!DOCTYPE a ['.repeat(100_000)}`,
  'attributes without end': `<rss ${'a="1 '.repeat(250_000)}`,
  'white space in tags': `<rss ${' '.repeat(500_000)}= = = <channel ${' / '.repeat(200_000)}`,
  'quotes that are not closed': `<rss>${`<a b="<a c='`.repeat(100_000)}`,
  'namespaces without end': `<rss ${Array.from({ length: 20_000 }, (_, at) => `xmlns:n${at}="u${at}"`).join(' ')}><channel>${'<item xmlns:a="b"/>'.repeat(20_000)}`,
  'an author without an at sign': `<rss><channel><item><author>${'a'.repeat(1_000_000)}</author></item></channel></rss>`,
  'a title of openings': `<rss><channel><title><![CDATA[${'<b '.repeat(300_000)}]]></title></channel></rss>`,
  'a title of ampersands': `<rss><channel><title>${'&amp'.repeat(250_000)}</title></channel></rss>`,
  'more elements than memory': `<rss><channel>${'<item/>'.repeat(400_000)}`,
  ampersands: `<rss><channel><title>${'&'.repeat(2_000_000)}`,
  'less-than signs': `<rss><channel><title>${'<'.repeat(2_000_000)}`,
  'attributes of an element': `<rss ${Array.from({ length: 100_000 }, (_, at) => `a${at}="1"`).join(' ')}>`,
  'JSON in JSON': `{"version":"https://jsonfeed.org/version/1","items":${'['.repeat(300_000)}`,
  'JSON with an open string': `{"items":["${'\\'.repeat(8_000_001)}`,
};
for (const [name, text] of Object.entries(hostile))
  test(`a hostile document is read in linear time and memory: ${name}`, { timeout: 20_000 }, () => {
    const feed = parseFeed(utf8(text));
    assert.ok(JSON.stringify(feed).length < text.length * 3 + 2000);
  });

test('no bytes make it throw, and what comes out has its form', () => {
  const pieces = [
    '<rss>',
    '<channel>',
    '<item>',
    '<title>',
    '</title>',
    '</item>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '&',
    '&amp;',
    '&#0;',
    '<',
    '>',
    '"',
    "'",
    '=',
    '<a b=',
    '\0',
    '日本',
    'x',
    ' ',
    '<?',
    '?>',
    '<!DOCTYPE',
    '[',
    ']',
    '{',
    '}',
    '"items":',
    ',',
  ];
  const texts = fc
    .array(fc.constantFrom(...pieces), { maxLength: 60 })
    .map((parts) => Uint8Array.from(utf8(parts.join(''))));
  fc.assert(
    fc.property(fc.oneof(texts, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const feed = parseFeed(bytes);
      assert.equal(typeof feed.title, 'string');
      assert.ok(feed.items.every(({ id, title }) => id !== '' && typeof title === 'string'));
      assert.ok(feed.format !== undefined || feed.defects.some(({ code }) => code === 'NotAFeed'));
    }),
    { numRuns: 1000 },
  );
});

test('a feed that is cut off anywhere has the items that were whole', () => {
  const sound = feedCases().filter(({ name }) => name.endsWith('declares utf-8'));
  fc.assert(
    fc.property(fc.constantFrom(...sound), fc.double({ min: 0, max: 1, noNaN: true }), ({ bytes, expected }, part) => {
      const cut = bytes.subarray(0, Math.floor(bytes.length * part));
      const text = Buffer.from(cut).toString('utf8');
      const whole = text.match(/<\/(item|entry)>/g)?.length ?? 0;
      const titles = parseFeed(cut).items.map(({ title }) => title);
      assert.deepEqual(titles.slice(0, whole), expected.items.slice(0, whole));
    }),
    { numRuns: 300 },
  );
});

test('what a feed asks for stays small, however often and long it asks', () => {
  const hours = '<hour>1</hour>'.repeat(1000);
  const { hints } = parseFeed(utf8(`<rss><channel><ttl>1e300</ttl><skipHours>${hours}</skipHours></channel></rss>`));
  assert.deepEqual(hints, { intervalSeconds: 31_536_000, skipHours: [1] });
});

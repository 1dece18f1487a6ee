import { encode, ENCODING_NAMES, type EncodingName, MORE_ENCODINGS } from './encode.ts';

/** A feed with what a reader is to find in it. */
export interface FeedCase {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly contentType?: string;
  readonly url?: string;
  readonly expected: { readonly title: string; readonly count: number; readonly items: readonly string[] };
  /** Codes of defects that are to be among those that are found. */
  readonly codes?: readonly string[];
}

/** What a feed is to say. */
interface Content {
  readonly title: string;
  readonly items: readonly string[];
}

/** How a content is written in a format; `titleOf` writes a title, so that it can be broken. */
type Format = (content: Content, head: string, titleOf: (text: string) => string) => string;

const english: Content = {
  title: 'Field notes on clusters',
  items: ['Why a watch ends with 410', 'Reading a scheduler trace', 'R&D of <T> generics', 'Quotas "by hand"'],
};
const japanese: Content = {
  title: 'クラスタ運用の記録',
  items: [
    '監視が410で終わる理由について',
    'スケジューラの記録を読む',
    '「R&D」とジェネリクス',
    '手作業で決めるクォータの値',
  ],
};
const kanji: Content = { title: '週刊運用記事', items: ['第一回・設計と検証をまとめる', '第二回・障害対応'] };
const western: Content = { title: 'Notes d’été – à Zürich', items: ['Œuvre “complète”', 'Größe & Maß', 'Über 100 €'] };

const portuguese: Content = {
  title: 'Anotações técnicas de código',
  items: ['Configuração de memória', 'Opções e parâmetros', 'Expansão automática à noite'],
};
const german: Content = { title: 'Über Lösungen für Größen', items: ['Schlüssel für Prüfungen', 'Mäßige Änderungen'] };

const chinese: Content = {
  title: '集群运维笔记',
  items: ['为什么监听会以410结束', '阅读调度器的跟踪记录', '手工设置配额', '本周发布'],
};
const taiwanese: Content = {
  title: '叢集維運筆記',
  items: ['為什麼監聽會以410結束', '閱讀排程器的追蹤紀錄', '手動設定配額', '本週發佈'],
};
const korean: Content = {
  title: '클러스터 운영 기록',
  items: ['감시가 410으로 끝나는 이유', '스케줄러 추적 읽기', '손으로 정하는 할당량', '이번 주 소식'],
};
const russian: Content = {
  title: 'Записки о кластерах',
  items: ['Почему наблюдение кончается кодом 410', 'Читаем трассу планировщика', 'Квоты вручную', 'Новости'],
};

const CONTENTS = { english, japanese, kanji, western, portuguese, german, chinese, taiwanese, korean, russian };

const CONTENT_IN: Readonly<Record<(typeof MORE_ENCODINGS)[number], Content>> = {
  gb18030: chinese,
  big5: taiwanese,
  'euc-kr': korean,
  'windows-1251': russian,
  'koi8-r': russian,
};

const plain = (text: string): string => escapeXml(text);

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const link = (at: number): string => `http://feeds.example/story/${at}`;

function rss(version: string): Format {
  return ({ title, items }, head, titleOf) =>
    `${head}<rss version="${version}"><channel><title>${titleOf(title)}</title><link>http://feeds.example/</link>` +
    `<description>about</description>${items.map((item, at) => `\n<item><title>${titleOf(item)}</title><link>${link(at)}</link><description>what ${at} says</description></item>`).join('')}\n</channel></rss>`;
}

function rdf(namespace: string): Format {
  return ({ title, items }, head, titleOf) =>
    `${head}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="${namespace}"><channel rdf:about="http://feeds.example/"><title>${titleOf(title)}</title><link>http://feeds.example/</link>` +
    `<items><rdf:Seq>${items.map((_, at) => `<rdf:li rdf:resource="${link(at)}"/>`).join('')}</rdf:Seq></items></channel>` +
    `${items.map((item, at) => `<item rdf:about="${link(at)}"><title>${titleOf(item)}</title><link>${link(at)}</link></item>`).join('\n')}</rdf:RDF>`;
}

function atom(namespace: string, version: string): Format {
  return ({ title, items }, head, titleOf) =>
    `${head}<feed xmlns="${namespace}"${version}><title>${titleOf(title)}</title><link rel="self" href="/atom.xml"/><link href="http://feeds.example/"/>` +
    `${items.map((item, at) => `<entry><title>${titleOf(item)}</title><link href="${link(at)}"/><id>tag:feeds.example,2022:${at}</id></entry>`).join('\n')}</feed>`;
}

const ATOM = 'http://www.w3.org/2005/Atom';
const XML_FORMATS: Readonly<Record<string, Format>> = {
  'RSS 0.90': rdf('http://my.netscape.com/rdf/simple/0.9/'),
  'RSS 0.91': rss('0.91'),
  'RSS 0.92': rss('0.92'),
  'RSS 0.93': rss('0.93'),
  'RSS 0.94': rss('0.94'),
  'RSS 1.0': rdf('http://purl.org/rss/1.0/'),
  'RSS 2.0': rss('2.0'),
  'Atom 0.3': atom('http://purl.org/atom/ns#', ' version="0.3"'),
  'Atom 1.0': atom(ATOM, ''),
};

const EXPECTED_IN_JSON = (content: Content) => ({
  title: content.title,
  count: content.items.length,
  items: content.items,
});

/** All cases: formats in encodings that are declared, wrongly declared or not at all, and documents that are broken in one way each. */
export function feedCases(): readonly FeedCase[] {
  return [
    ...encodingCases(),
    ...languageCases(),
    ...westernCases(),
    ...wrongEncodingCases(),
    ...pastedCases(),
    ...brokenCases(),
    ...titleCases(),
    ...structureCases(),
    ...jsonCases(),
  ];
}

function caseOf(name: string, text: string, content: Content, more: Partial<FeedCase> = {}): FeedCase {
  return { name, bytes: encode(text, 'utf-8'), expected: EXPECTED_IN_JSON(content), ...more };
}

/** Each format in each encoding that can hold the content: declared, by the header alone, and with nothing said. */
function encodingCases(): FeedCase[] {
  return Object.entries(XML_FORMATS).flatMap(([format, write]) =>
    ENCODING_NAMES.flatMap((encoding) => {
      const content = contentFor(encoding);
      const declared = write(content, `<?xml version="1.0" encoding="${encoding}"?>`, plain);
      const silent = write(content, '<?xml version="1.0"?>', plain);
      return [
        caseOf(`${format} declares ${encoding}`, declared, content, { bytes: encode(declared, encoding) }),
        caseOf(`${format} in ${encoding}, which the header says`, silent, content, {
          bytes: encode(silent, encoding),
          contentType: `text/xml; charset=${encoding}`,
        }),
        caseOf(`${format} in ${encoding}, which nothing says`, silent, content, { bytes: encode(silent, encoding) }),
      ];
    }),
  );
}

function contentFor(encoding: EncodingName): Content {
  return encoding === 'windows-1252' ? western : japanese;
}

/** Languages with encodings of their own: what is declared, nothing, and what servers say of all that they have. */
function languageCases(): FeedCase[] {
  return ['RSS 0.91', 'RSS 2.0', 'Atom 1.0'].flatMap((format) =>
    MORE_ENCODINGS.flatMap((encoding) =>
      [encoding, undefined, 'utf-8', 'iso-8859-1'].map((declared) => {
        const content = CONTENT_IN[encoding];
        const head = `<?xml version="1.0"${declared === undefined ? '' : ` encoding="${declared}"`}?>`;
        const text = XML_FORMATS[format]!(content, head, plain);
        return caseOf(`${format} in ${encoding} that declares ${declared ?? 'no encoding'}`, text, content, {
          bytes: encode(text, encoding),
        });
      }),
    ),
  );
}

/** Western texts whose accents are characters of Shift_JIS as well. */
function westernCases(): FeedCase[] {
  return ['RSS 0.91', 'RSS 2.0', 'Atom 1.0'].flatMap((format) =>
    (['western', 'portuguese', 'german'] as const).flatMap((which) => {
      const content = CONTENTS[which];
      return ['iso-8859-1', 'windows-1252', undefined].map((declared) => {
        const head = `<?xml version="1.0"${declared === undefined ? '' : ` encoding="${declared}"`}?>`;
        const text = XML_FORMATS[format]!(content, head, plain);
        const name = `${format}, ${which}, that declares ${declared ?? 'no encoding'}`;
        return caseOf(name, text, content, { bytes: encode(text, 'windows-1252') });
      });
    }),
  );
}

/** What is declared is not what the bytes are. */
function wrongEncodingCases(): FeedCase[] {
  const lies: readonly (readonly [EncodingName, string, keyof typeof CONTENTS])[] = [
    ['shift_jis', 'utf-8', 'japanese'],
    ['shift_jis', 'euc-jp', 'japanese'],
    ['shift_jis', 'iso-8859-1', 'japanese'],
    ['euc-jp', 'utf-8', 'japanese'],
    ['euc-jp', 'shift_jis', 'japanese'],
    ['iso-2022-jp', 'utf-8', 'japanese'],
    ['iso-2022-jp', 'euc-jp', 'japanese'],
    ['utf-8', 'shift_jis', 'japanese'],
    ['utf-8', 'euc-jp', 'kanji'],
    ['utf-8', 'iso-8859-1', 'western'],
    ['utf-8', 'us-ascii', 'western'],
    ['utf-8', 'utf-16', 'japanese'],
    ['windows-1252', 'utf-8', 'western'],
    ['shift_jis', 'utf-8', 'kanji'],
    ['euc-jp', 'utf-8', 'kanji'],
    ['utf-16le', 'utf-8', 'japanese'],
    ['windows-1252', 'utf-8', 'portuguese'],
    ['windows-1252', 'utf-8', 'german'],
    ['windows-1252', 'shift_jis', 'portuguese'],
    ['windows-1252', 'euc-jp', 'german'],
    ['utf-8', 'windows-1252', 'portuguese'],
  ];
  return ['RSS 2.0', 'RSS 1.0', 'Atom 1.0'].flatMap((format) =>
    lies.flatMap(([encoding, lie, which]) => {
      const content = CONTENTS[which];
      const text = XML_FORMATS[format]!(content, `<?xml version="1.0" encoding="${lie}"?>`, plain);
      const silent = XML_FORMATS[format]!(content, '<?xml version="1.0"?>', plain);
      return [
        caseOf(`${format} in ${encoding} declares ${lie}, ${which}`, text, content, {
          bytes: encode(text, encoding),
          codes: ['EncodingWrong'],
        }),
        caseOf(`${format} in ${encoding} with a header of ${lie}, ${which}`, silent, content, {
          bytes: encode(silent, encoding),
          contentType: `application/xml; charset=${lie}`,
          codes: ['EncodingWrong'],
        }),
      ];
    }),
  );
}

/** UTF-8 with bytes of windows-1252 that were pasted into it. */
function pastedCases(): FeedCase[] {
  const content = { title: 'Notes – 記録', items: ['It’s in a café', 'Über Maß', '記録を読む'] };
  const pasted = new Map([
    ['’', '\x92'],
    ['é', '\xe9'],
    ['Ü', '\xdc'],
    ['ß', '\xdf'],
  ]);
  return ['RSS 2.0', 'Atom 1.0'].flatMap((format) =>
    ['', ' encoding="utf-8"'].map((declared) => {
      const text = XML_FORMATS[format]!(content, `<?xml version="1.0"${declared}?>`, plain);
      const latin1 = Buffer.from(text, 'utf8').toString('latin1');
      const mixed = [...pasted].reduce(
        (whole, [char, byte]) => whole.replaceAll(Buffer.from(char, 'utf8').toString('latin1'), byte),
        latin1,
      );
      const name = `${format} in UTF-8, which it ${declared === '' ? 'does not declare' : 'declares'}, with bytes of windows-1252`;
      return caseOf(name, text, content, { bytes: Buffer.from(mixed, 'latin1'), codes: ['InvalidBytes'] });
    }),
  );
}

/** One thing that is broken: how the text of a sound feed is changed, and which defect that is. */
interface Breakage {
  readonly name: string;
  readonly code?: string;
  readonly change: (text: string) => string;
}

const BREAKAGES: readonly Breakage[] = [
  { name: 'white space before the declaration', change: (text) => `\n\n  ${text}` },
  {
    name: 'a warning of PHP before the declaration',
    code: 'JunkBefore',
    change: (text) => `Warning: headers already sent in feed.php on line 3\n${text}`,
  },
  { name: 'a comment before the declaration', change: (text) => `<!-- cached -- by hand -->${text}` },
  { name: 'text after the end', change: (text) => `${text}\n<!-- 0.12 s -->\nbye` },
  { name: 'a script after the end', change: (text) => `${text}<script src="http://ads.example/x.js"></script>` },
  {
    name: 'an entity of HTML',
    code: 'EntityUndefined',
    change: (text) => text.replace(/<\/(channel|feed)>/, '<copyright>&copy;&nbsp;us&hellip;</copyright></$1>'),
  },
  {
    name: 'a bare ampersand in a link',
    code: 'BareAmpersand',
    change: (text) => text.replaceAll('/story/0', '/story/0?a=1&b=2&copy=3'),
  },
  {
    name: 'an attribute without quotes',
    code: 'MarkupBroken',
    change: (text) => text.replace(/<(rss|rdf:RDF|feed) /, '<$1 lang=ja '),
  },
  {
    name: 'an attribute twice',
    code: 'DuplicateAttribute',
    change: (text) => text.replace(/<(rss|rdf:RDF|feed) /, '<$1 id="a" id="b" '),
  },
  {
    name: 'control characters',
    code: 'ControlCharacter',
    change: (text) => text.replace('</title>', '\x08\x0c</title>'),
  },
  {
    name: 'references to control characters',
    code: 'ControlCharacter',
    change: (text) => text.replace('</title>', '&#0;&#x1F;</title>'),
  },
  {
    name: 'a prefix that is not declared',
    code: 'NamespaceMissing',
    change: (text) => text.replace(/<(item|entry)([ >])/, '<dc:creator>me</dc:creator><$1$2'),
  },
  {
    name: 'an end that closes nothing',
    code: 'NotNested',
    change: (text) => text.replace(/<\/(item|entry)>/, '</b></$1>'),
  },
  {
    name: 'an element that is never closed',
    code: 'NotClosed',
    change: (text) => text.replace(/<\/(item|entry)>/, '<p>open</$1>'),
  },
  {
    name: 'titles in the wrong order of ends',
    code: 'NotNested',
    change: (text) => text.replace(/<\/title>/, '</title></font>'),
  },
  { name: 'no end of an item', code: 'NotClosed', change: (text) => text.replace(/<\/(item|entry)>/, '') },
  {
    name: 'no end of anything after the last item',
    code: 'Truncated',
    change: (text) =>
      text.slice(
        0,
        text.lastIndexOf('</channel>') > text.lastIndexOf('</item>')
          ? text.lastIndexOf('</channel>')
          : text.lastIndexOf('</'),
      ),
  },
  {
    name: 'a document type',
    change: (text) =>
      text.replace(
        /(\?>)/,
        '$1<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://feeds.example/rss-0.91.dtd">',
      ),
  },
  {
    name: 'entities that are declared',
    code: 'EntityDeclaration',
    change: (text) =>
      text.replace(
        /(\?>)/,
        '$1<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"> <!ENTITY c SYSTEM "file:///etc/passwd">]>',
      ),
  },
  {
    name: 'a comment with an end of a tag within',
    change: (text) => text.replace(/<(item|entry)([ >])/, '<!-- </channel></feed> <item> --><$1$2'),
  },
  { name: 'elements in upper case', change: (text) => text.replaceAll('title>', 'TITLE>') },
  { name: 'line ends of DOS', change: (text) => text.replaceAll('\n', '\r\n') },
  { name: 'white space in ends', change: (text) => text.replaceAll('</title>', '</title  >') },
  { name: 'a name in capitals at its end alone', change: (text) => text.replace('</title>', '</Title>') },
  {
    name: 'an end without its >',
    code: 'MarkupBroken',
    change: (text) => text.replace('</title><link>', '</title<link>').replace('</title><link ', '</title<link '),
  },
  { name: 'a zero byte', code: 'ControlCharacter', change: (text) => text.replace('</title>', '\0</title>') },
  { name: 'two declarations', change: (text) => text.replace(/(<\?xml[^>]*\?>)/, '$1$1') },
  { name: 'a processing instruction', change: (text) => text.replace(/(\?>)/, '$1<?xml-stylesheet href="a.css"?>') },
];

function brokenCases(): FeedCase[] {
  return ['RSS 2.0', 'RSS 1.0', 'Atom 1.0'].flatMap((format) =>
    BREAKAGES.flatMap(({ name, code, change }) =>
      [japanese, english].flatMap((content, at) => {
        const text = change(XML_FORMATS[format]!(content, '<?xml version="1.0" encoding="utf-8"?>\n', plain));
        const language = at === 0 ? 'Japanese' : 'English';
        return [
          caseOf(`${format} with ${name}, ${language}`, text, content, code === undefined ? {} : { codes: [code] }),
        ];
      }),
    ),
  );
}

/** Titles by how they are written, in RSS and in Atom. */
function titleCases(): FeedCase[] {
  const written: readonly (readonly [string, string, string, string])[] = [
    ['markup that is escaped', '&lt;b&gt;Bold&lt;/b&gt; &amp;amp; plain', 'Bold & plain', ' type="html"'],
    ['markup in CDATA', '<![CDATA[<i>Slanted</i> &amp; plain]]>', 'Slanted & plain', ' type="html"'],
    ['markup that is not escaped', '<b>Bold</b> and <code>kubectl get</code>', 'Bold and kubectl get', ' type="xhtml"'],
    ['an ampersand in CDATA', '<![CDATA[Q&A of the week]]>', 'Q&A of the week', ''],
    ['an ampersand', 'Q&amp;A of the week', 'Q&A of the week', ''],
    ['a bare ampersand', 'Q & A of the week', 'Q & A of the week', ''],
    ['an ampersand escaped twice', 'Q&amp;amp;A of the week', 'Q&A of the week', ' type="html"'],
    ['an apostrophe escaped twice', 'It&amp;#39;s here', 'It’s here'.replace('’', "'"), ' type="html"'],
    ['a quotation mark of windows-1252 by its number', 'It&#146;s here', 'It’s here', ''],
    ['a number that no character has', 'None &#99999999999999;here', 'None here', ''],
    ['a number in hexadecimal', '&#x65E5;&#26412;', '日本', ''],
    ['a type parameter', 'On List&lt;T&gt; in Go', 'On List<T> in Go', ''],
    ['an inequality', 'If a &lt; b and c &gt; d', 'If a < b and c > d', ''],
    ['a tag that is the subject', 'The &lt;script&gt; tag explained', 'The <script> tag explained', ''],
    ['two CDATA sections', '<![CDATA[One ]]><![CDATA[two]]>', 'One two', ''],
    ['CDATA between texts', 'One <![CDATA[&]]> two', 'One & two', ''],
    ['lines', '\n   One\n\t two  \n', 'One two', ''],
    ['an entity of HTML', 'Caf&eacute;&nbsp;noir', 'Café noir', ''],
    ['a name that nobody defines', 'One &unknown; two', 'One &unknown; two', ''],
    ['an emoji', 'Ship it 🚀', 'Ship it 🚀', ''],
    ['an emoji by its number', 'Ship it &#128640;', 'Ship it 🚀', ''],
    ['a line break of HTML', 'One&lt;br/&gt;two', 'One two', ' type="html"'],
    ['a less-than sign that begins nothing', 'If a < b', 'If a < b', ''],
    ['an emoji by the numbers of its halves', 'Ship it &#55357;&#56960;', 'Ship it 🚀', ''],
    ['the number of half an emoji', 'Ship it &#55357;now', 'Ship it now', ''],
    ['an ampersand without the end of its name', 'Q&amp A of the week', 'Q& A of the week', ''],
    ['an empty one', '', '', ''],
    ['a comment within', 'One<!-- hidden --> two', 'One two', ''],
    ['full-width signs', 'ＡＢＣ　１２３', 'ＡＢＣ １２３', ''],
    ['half-width katakana', 'ｶﾀｶﾅの話', 'ｶﾀｶﾅの話', ''],
    ['a wave dash', '１〜２〜３', '１〜２〜３', ''],
    [
      'a link within',
      '&lt;a href="http://feeds.example/?a=1&amp;amp;b=2"&gt;Read&lt;/a&gt; on',
      'Read on',
      ' type="html"',
    ],
  ];
  const formats = ['RSS 0.91', 'RSS 2.0', 'RSS 1.0', 'Atom 1.0'];
  return formats.flatMap((format) =>
    written.map(([name, text, meant, type]) => {
      const content = { title: meant, items: [meant, 'the next one'] };
      const feed = XML_FORMATS[format]!(content, '<?xml version="1.0" encoding="utf-8"?>', (title) =>
        title === meant ? text : title,
      );
      const typed = format === 'Atom 1.0' ? feed.replaceAll('<title>', `<title${type}>`) : feed;
      return caseOf(`a title in ${format} that has ${name}`, typed, content);
    }),
  );
}

/** Documents whose parts are not where they should be. */
function structureCases(): FeedCase[] {
  const items = english.items.slice(0, 2);
  const content = { title: english.title, items };
  const item = (title: string, at: number): string =>
    `<item><title>${plain(title)}</title><link>${link(at)}</link></item>`;
  const channel = `<title>${content.title}</title><link>http://feeds.example/</link>`;
  const documents: readonly (readonly [string, string, Content?])[] = [
    [
      'items beside the channel of RSS 2.0',
      `<rss version="2.0"><channel>${channel}</channel>${items.map(item).join('')}</rss>`,
    ],
    ['a channel without rss around it', `<channel>${channel}${items.map(item).join('')}</channel>`],
    [
      'an image with a title before that of the channel',
      `<rss version="2.0"><channel><image><title>Logo</title><url>http://feeds.example/l.png</url></image>${channel}${items.map(item).join('')}</channel></rss>`,
    ],
    [
      'a text input with a title',
      `<rss version="2.0"><channel>${channel}<textInput><title>Search</title><name>q</name></textInput>${items.map(item).join('')}</channel></rss>`,
    ],
    [
      'a source with a title in items',
      `<rss version="2.0"><channel>${channel}${items.map((title, at) => item(title, at).replace('<item>', '<item><source url="http://feeds.example/x">Elsewhere</source>')).join('')}</channel></rss>`,
    ],
    [
      'media titles in items',
      `<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel>${channel}${items.map((title, at) => item(title, at).replace('<item>', '<item><media:content url="http://feeds.example/m.png"><media:title>Picture</media:title></media:content>')).join('')}</channel></rss>`,
    ],
    [
      'titles of Dublin Core',
      `<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>${channel}${items.map((title, at) => item(title, at).replaceAll('title>', 'dc:title>')).join('')}</channel></rss>`,
    ],
    [
      'a default namespace that nobody knows',
      `<rss version="2.0" xmlns="http://feeds.example/own"><channel>${channel}${items.map(item).join('')}</channel></rss>`,
    ],
    [
      'RSS with a prefix',
      `<r:rss version="2.0" xmlns:r="http://backend.userland.com/rss2"><r:channel><r:title>${content.title}</r:title>${items.map((title) => `<r:item><r:title>${plain(title)}</r:title></r:item>`).join('')}</r:channel></r:rss>`,
    ],
    [
      'Atom with a prefix',
      `<a:feed xmlns:a="${ATOM}"><a:title>${content.title}</a:title>${items.map((title, at) => `<a:entry><a:title>${plain(title)}</a:title><a:id>urn:x:${at}</a:id></a:entry>`).join('')}</a:feed>`,
    ],
    [
      'Atom without a namespace',
      `<feed><title>${content.title}</title>${items.map((title, at) => `<entry><title>${plain(title)}</title><id>urn:x:${at}</id></entry>`).join('')}</feed>`,
    ],
    [
      'an Atom source with a title in entries',
      `<feed xmlns="${ATOM}"><title>${content.title}</title>${items.map((title, at) => `<entry><source><title>Elsewhere</title><id>urn:s</id></source><title>${plain(title)}</title><id>urn:x:${at}</id></entry>`).join('')}</feed>`,
    ],
    [
      'a feed within another element',
      `<wrapper><rss version="2.0"><channel>${channel}${items.map(item).join('')}</channel></rss></wrapper>`,
    ],
    [
      'a page of HTML around it',
      `<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><body><rss version="2.0"><channel>${channel}${items.map(item).join('')}</channel></rss></body></html>`,
    ],
    [
      'items without titles',
      `<rss version="2.0"><channel>${channel}<item><description>Only text</description></item><item><description>More</description></item></channel></rss>`,
      { title: content.title, items: ['', ''] },
    ],
    ['no items', `<rss version="2.0"><channel>${channel}</channel></rss>`, { title: content.title, items: [] }],
    [
      'an HTML document in a description that is not escaped',
      `<rss version="2.0"><channel>${channel}${items.map((title, at) => item(title, at).replace('</item>', '<description><p>One<br>two<p>three <a href="/x?a=1&b=2">link</a></description></item>')).join('')}</channel></rss>`,
    ],
    [
      'Atom in XHTML with a prefix',
      `<feed xmlns="${ATOM}" xmlns:x="http://www.w3.org/1999/xhtml"><title type="xhtml"><x:div>Field <x:b>notes</x:b> on clusters</x:div></title>${items.map((title, at) => `<entry><title type="xhtml"><x:div>${plain(title)}</x:div></title><id>urn:x:${at}</id></entry>`).join('')}</feed>`,
    ],
    [
      'an end that is cut off within an item',
      `<rss version="2.0"><channel>${channel}${items.map(item).join('')}`.slice(0, -'</item>'.length),
    ],
    [
      'titles that are never closed',
      `<rss version="2.0"><channel><title>${content.title}<link>http://feeds.example/</link>${items.map((title, at) => `<item><title>${plain(title)}<link>${link(at)}</link></item>`).join('')}</channel></rss>`,
    ],
    [
      'CDATA in lower case',
      `<rss version="2.0"><channel>${channel}${items.map((title, at) => `<item><title><![cdata[${title}]]></title><link>${link(at)}</link></item>`).join('')}</channel></rss>`,
    ],
    [
      'a CDATA section in CDATA',
      `<rss version="2.0"><channel>${channel}${items.map((title, at) => `<item><title>${plain(title)}</title><description><![CDATA[<![CDATA[text]]>]]></description><link>${link(at)}</link></item>`).join('')}</channel></rss>`,
    ],
    [
      'a quotation mark that is missing',
      `<rss version="2.0><channel>${channel}${items.map(item).join('')}</channel></rss>`,
    ],
  ];
  return documents.map(([name, text, other]) => caseOf(`a feed with ${name}`, text, other ?? content));
}

function jsonCases(): FeedCase[] {
  const versions = ['https://jsonfeed.org/version/1', 'https://jsonfeed.org/version/1.1'];
  return versions.flatMap((version) =>
    Object.entries(CONTENTS).flatMap(([which, content]) => {
      const feed = {
        version,
        title: content.title,
        home_page_url: 'http://feeds.example/',
        items: content.items.map((title, at) => ({
          id: `${at}`,
          url: link(at),
          title,
          content_text: `what ${at} says`,
        })),
      };
      const text = JSON.stringify(feed, undefined, 2);
      const name = `JSON Feed ${version.slice(version.lastIndexOf('/') + 1)}, ${which}`;
      const all: FeedCase[] = [
        caseOf(name, text, content),
        caseOf(`${name}, with a byte order mark`, `\ufeff${text}`, content),
        caseOf(`${name}, with commas too many`, text.replaceAll(/\n(\s*)([}\]])/g, ',\n$1$2'), content, {
          codes: ['InvalidJSON'],
        }),
        caseOf(`${name}, cut off after its items`, text.slice(0, text.lastIndexOf(']')), content, {
          codes: ['InvalidJSON'],
        }),
        caseOf(`${name}, with a number as its title`, text.replace(JSON.stringify(content.title), '7'), {
          ...content,
          title: '7',
        }),
        caseOf(`${name}, in UTF-16`, text, content, { bytes: encode(text, 'utf-16le') }),
      ];
      return all;
    }),
  );
}

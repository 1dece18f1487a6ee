import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { type RenderContext, renderReadme } from './render-readme.ts';
import { Slugger } from './slugger.ts';
import { WITH_CONTENT } from './unclosed.ts';

interface Case {
  readonly name: string;
  readonly text: string;
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
  readonly dropped?: Readonly<Record<string, number>>;
}

const CONTEXT: RenderContext = {
  kep: { path: 'keps/sig-node/127-user-namespaces' },
  kepAt: (path) => (path === 'keps/sig-storage/9-nine' ? '9-nine' : undefined),
  kepUrl: (name) => `/keps/${name}`,
  fileUrl: (path) => `https://github.com/o/r/blob/c0/${path}`,
  imageUrl: (path) => (/\.(png|svg)$/.test(path) ? `/files/${path}` : undefined),
};

const cases = load(
  readFileSync(new URL('../../../src/kep/testdata/readmes.yaml', import.meta.url), 'utf8'),
) as readonly Case[];

describe('a README', () => {
  for (const { name, text, has = [], lacks = [], dropped } of cases)
    test(name, () => {
      const rendered = renderReadme(text, CONTEXT);
      for (const piece of has) assert.ok(rendered.html.includes(piece), `${piece}\n${rendered.html}`);
      for (const piece of lacks) assert.ok(!rendered.html.includes(piece), `${piece}\n${rendered.html}`);
      if (dropped !== undefined) assert.deepEqual(rendered.dropped, dropped);
      assertSafe(rendered.html);
    });

  test('is safe whatever it is made of', () => {
    const pieces = fc.array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string(), fc.string({ unit: 'grapheme' })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(pieces, (texts) => assertSafe(renderReadme(texts.join(''), CONTEXT).html)),
      { numRuns: 3000 },
    );
  });

  test('has every heading that its contents have, whatever elements begin before and never end', () => {
    const elements = WITH_CONTENT.flatMap((name) => [`<${name}>`, `</${name}>`, `<${name.toUpperCase()} a=b>`]);
    const pieces = fc.array(
      fc.constantFrom(...elements, '\n\n# H\n\n', '\n\n', '\n', ' a ', '- ', '> ', '<div>', '</div>'),
      {
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(pieces, (texts) => {
        const { html, headings } = renderReadme(texts.join(''), CONTEXT);
        for (const { id } of headings) assert.ok(html.includes(`id="${id}"`), `${id}\n${html}`);
        assertSafe(html);
      }),
      { numRuns: 3000 },
    );
  });

  test('of the size of the largest, and hostile, takes linear time', () => {
    for (const piece of [
      '[',
      '![a](',
      '<!-- ',
      '<a ',
      '<div>',
      '> ',
      '* ',
      '|',
      '`',
      '---\n',
      '<!-- toc -->',
      '[a]: ',
      '<math>',
      '<svg>\n\n',
    ])
      assertSafe(renderReadme(piece.repeat(20_000), CONTEXT).html);
  });

  test('has no more elements in one another than a browser lays out', () => {
    const { html } = renderReadme('<div>'.repeat(20_000), CONTEXT);
    assert.ok(html.split('<div').length <= 101);
  });

  test('has ids that are all different', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'a-1', 'A', 'a 1', 'b', '!', 'a-2')), (headings) => {
        const slugger = new Slugger();
        const ids = headings.map((heading) => slugger.slug(heading));
        assert.equal(new Set(ids).size, ids.length);
      }),
    );
  });
});

const HOSTILE = [
  ...[
    '<script>',
    '</script>',
    '<style>',
    '</style>',
    '<img src=x onerror=alert(1)>',
    '<svg/onload=alert(1)>',
    '<math>',
    '</math>',
    '<svg>',
  ],
  ...[
    '[x](javascript:alert(1))',
    '[x](java\tscript:x)',
    '<a href="',
    "<a href='",
    'javascript:alert(1)',
    '"',
    "'",
    '>',
    '<',
    '/>',
    '`',
    '```\n',
  ],
  ...[
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '&#x3c;script&#x3e;',
    '&lt;',
    '\n\n',
    '\n',
    '| a | b |\n|---|---|\n',
    '- [x] ',
    '# ',
    '    ',
  ],
  ...[
    '<iframe src="//evil.example">',
    '<base href="//evil.example">',
    '<form action=x>',
    '<input autofocus onfocus=x>',
    '<details open ontoggle=x>',
  ],
  ...[
    '<p style="background:url(//evil.example)">',
    '![x](//evil.example/a.png)',
    '![x](https://evil.example/a.png "t\\"")',
    '<textarea>',
    '</textarea>',
  ],
  ...[
    '<noscript><p title="</noscript><img src=x onerror=x>">',
    '<xmp>',
    '<plaintext>',
    '<title>',
    '<template>',
    '<table>',
    '<td>',
    '</table>',
    '</p>',
  ],
  ...[
    '<a id="x" name="y" class="foreign-image" target=_blank>',
    '</a>',
    '<div class="table" tabindex=99>',
    '<h1 id="app">',
    '\u0000',
    '\u2028',
    '[a]: javascript:x\n',
  ],
  ...[
    'www.example.com/"onmouseover=x',
    'https://a.example/<script>',
    'mailto:a@b.example',
    '<https://a.example/"x>',
    '<picture><source srcset="//e/x.png">',
  ],
];

const TAGS = new Set(
  'h1 h2 h3 h4 h5 h6 p br hr blockquote pre div details summary ul ol li dl dt dd table thead tbody tfoot tr th td caption a img input b strong i em s del ins u sub sup small mark code kbd samp var tt q cite abbr span figure figcaption'.split(
    ' ',
  ),
);
const ATTRIBUTES = new Set(
  'id href title class rel src alt width height loading type checked disabled aria-label start reversed value align colspan rowspan tabindex open'.split(
    ' ',
  ),
);

/** Reads all of it by a grammar that allows nothing but what is known to be harmless. */
function assertSafe(html: string): void {
  const rest = html.replaceAll(
    /<(\/?)([a-z][a-z0-9]*)((?: [a-z-]+(?:="[^"<>]*")?)*)( \/)?>/g,
    (tag, close, name, attributes) => {
      assert.ok(TAGS.has(name), tag);
      assert.ok(close === '' || attributes === '', tag);
      for (const [, attribute, value = ''] of String(attributes).matchAll(/ ([a-z-]+)(?:="([^"]*)")?/g)) {
        assert.ok(ATTRIBUTES.has(attribute!), tag);
        if (attribute === 'href') assert.match(value, /^(?:#|\/keps\/|https?:\/\/|mailto:)/i, tag);
        if (attribute === 'src') assert.match(value, /^\/files\/keps\//, tag);
        if (attribute === 'tabindex') assert.equal(value, '0');
        if (attribute === 'type') assert.equal(value, 'checkbox');
        if (attribute === 'class') assert.match(value, /^(?:language-[\w+-]+|task|table|foreign-image)$/, tag);
      }
      return '';
    },
  );
  assert.ok(!/[<>]/.test(rest), rest.slice(0, 400));
}

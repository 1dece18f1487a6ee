import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageMetadata } from './page-metadata.ts';

const read = (html: string | Uint8Array, contentType = 'text/html') =>
  pageMetadata(Buffer.from(html), contentType, 'https://pages.example/posts/1?utm_source=x');

test('Open Graph is before the title of the page', () => {
  const page = read(`<!doctype html><html lang="ja"><head><title>One | Site</title>
    <meta property="og:title" content="One &amp; two"><meta property="og:description" content="about
    it"><meta property="og:site_name" content="Site"><meta property="og:image" content="/card.png">
    <meta property="article:published_time" content="2022-10-21T09:00:00+09:00"><link rel="canonical" href="/posts/1">
    <link rel="alternate" type="application/atom+xml" href="/atom.xml"></head><body><h1>Other</h1></body></html>`);
  assert.deepEqual(page, {
    title: 'One & two',
    description: 'about it',
    siteName: 'Site',
    canonical: 'https://pages.example/posts/1',
    image: 'https://pages.example/card.png',
    published: '2022-10-21T00:00:00.000Z',
    language: 'ja',
    feeds: ['https://pages.example/atom.xml'],
  });
});

test("Twitter's card is before JSON-LD, and that before the title", () => {
  const data = `<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"NewsArticle",
    "headline":"By data","datePublished":"2022-10-21","image":[{"url":"https://pages.example/i.png"}],"publisher":{"name":"Press"}}]}</script>`;
  assert.equal(read(`<title>T</title><meta name="twitter:title" content="By card">${data}`).title, 'By card');
  const page = read(`<title>T</title>${data}`);
  assert.equal(page.title, 'By data');
  assert.equal(page.siteName, 'Press');
  assert.equal(page.image, 'https://pages.example/i.png');
  assert.equal(page.published, '2022-10-21T00:00:00.000Z');
});

test('a page that says nothing has its title, or its first heading', () => {
  assert.equal(read('<title>\n The  &lt;script&gt; tag </title><h1>H</h1>').title, 'The <script> tag');
  assert.equal(read('<body><h1>A <em>big</em> day</h1>').title, 'A big day');
  assert.deepEqual(read(''), { title: '', feeds: [] });
});

test('the title of a picture is not that of the page', () => {
  assert.equal(read('<svg><title>Logo</title></svg><title>Page</title>').title, 'Page');
});

test('what scripts and comments have within is not looked at', () => {
  const page = read(
    `<script>document.write('<meta property="og:title" content="no">')</script><!-- <title>no</title> --><title>yes</title>`,
  );
  assert.equal(page.title, 'yes');
});

test('a page in Shift_JIS is read, whether it says so or not', () => {
  const title = [0x93, 0xfa, 0x96, 0x7b, 0x82, 0xcc, 0x82, 0xa0, 0x82, 0xea];
  const page = (head: string) =>
    Buffer.concat([Buffer.from(`${head}<title>`), Buffer.from(title), Buffer.from('</title>')]);
  assert.equal(
    read(page('<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">')).title,
    '日本のあれ',
  );
  assert.equal(read(page('')).title, '日本のあれ');
});

test('relative addresses are relative to the base of the page, and others than those of the web are left out', () => {
  const page = read(
    '<base href="https://cdn.example/a/"><meta property="og:image" content="b.png"><link rel=canonical href="javascript:x">',
  );
  assert.equal(page.image, 'https://cdn.example/a/b.png');
  assert.equal(page.canonical, undefined);
});

test('a hostile page is read in linear time', { timeout: 20_000 }, () => {
  const pieces = [
    '<svg><title>',
    '<!--',
    '<script>',
    '<title>',
    '<h1>',
    '<meta content="',
    '<',
    '&',
    '<a b=',
    '</',
    '<![CDATA[',
  ];
  for (const piece of pieces) assert.equal(typeof read(piece.repeat(100_000)).title, 'string');
});

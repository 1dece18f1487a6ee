// Cases of other people's corpora, with what they expect of feed titles, numbers of items and titles of items.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The sets of a folder, by what it is a checkout of. */
export function corpusCases(folder) {
  if (existsSync(join(folder, 'testdata/parser/rss')))
    return ['rss', 'atom', 'json'].map((kind) => gofeedSet(folder, kind));
  if (existsSync(join(folder, 'tests/wellformed'))) return [feedparserSet(folder)];
  throw new Error(`${folder} is neither a checkout of mmcdole/gofeed nor of kurtmckee/feedparser`);
}

/** NAME.xml and beside it NAME.json, the feed as its parser of that format has it; an absent title is an empty one. */
function gofeedSet(folder, kind) {
  const place = join(folder, 'testdata/parser', kind);
  const cases = filesOf(place).flatMap((file) => {
    const expectation = kind === 'json' ? file.replace(/\.json$/, '_expected.json') : file.replace(/\.xml$/, '.json');
    if (expectation === file || !existsSync(expectation)) return [];
    const { title = '', items, entries } = JSON.parse(readFileSync(expectation, 'utf8'));
    const list = items ?? entries ?? [];
    const expected = { title: textOf(title), count: list.length, items: list.map((item) => textOf(item.title)) };
    return [{ name: relative(folder, file), bytes: readFileSync(file), expected }];
  });
  return { name: `gofeed ${kind}`, cases };
}

function textOf(title) {
  return typeof title === 'object' && title !== null ? (title.value ?? '') : (title ?? '');
}

/** Files with a comment `Expect:` that says what a title is; what it says of anything else is not looked at. */
function feedparserSet(folder) {
  const cases = filesOf(join(folder, 'tests')).flatMap((file) => {
    const bytes = readFileSync(file);
    const head = headOf(bytes);
    const expected = expectationOf(/Expect:\s*(.*)/.exec(head)?.[1]?.trim() ?? '');
    const contentType = /Header:\s*content-type:\s*(.*)/i.exec(head)?.[1]?.trim();
    const url = /Header:\s*content-location:\s*(.*)/i.exec(head)?.[1]?.trim();
    return expected === undefined ? [] : [{ name: relative(folder, file), bytes, contentType, url, expected }];
  });
  return { name: 'feedparser', cases };
}

/** The beginning of a file as text, also if it is UTF-16 or UTF-32. */
function headOf(bytes) {
  const head = bytes.subarray(0, 8192).toString('latin1');
  return head.replaceAll('\0', '').slice(0, 4096);
}

/** `not bozo and entries[0]['title'] == 'text'`, or with `['title_detail']['value']`, or `len(entries) == 1`. */
function expectationOf(expression) {
  const count = /len\(entries\) == (\d+)/.exec(expression)?.[1];
  const found =
    /(feed|entries\[(\d+)\])(?:\.title|\['title'\]|\['title_detail'\]\['value'\])\s*==\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')$/.exec(
      expression,
    );
  if (found === null) return count === undefined ? undefined : { count: Number(count) };
  const text = pythonString(found[3]);
  if (found[1] === 'feed') return { title: text };
  const items = [];
  items[Number(found[2])] = text;
  return { items: Array.from(items) };
}

function pythonString(literal) {
  const escapes = { n: '\n', t: '\t', r: '\r' };
  return literal.slice(1, -1).replace(/\\(?:x(..)|u(....)|U(.{8})|(.))/g, (_, x, u, long, char) => {
    const hex = x ?? u ?? long;
    return hex === undefined ? (escapes[char] ?? char) : String.fromCodePoint(Number.parseInt(hex, 16));
  });
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(xml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Where in an object a place of a text is. It holds for a text that is being written, and is not YAML yet. */
export interface CursorPlace {
  /** The way to the map or list item in which the cursor is. */
  readonly path: readonly (string | number)[];
  /** The field whose value is being written; undefined while its name is. */
  readonly field: string | undefined;
  /** What stands of the word before the cursor. */
  readonly word: string;
  /** Of a name that is being written: the names that its map has already. */
  readonly siblings: readonly string[];
}

interface Line {
  readonly indent: number;
  /** The line begins an item: where its dash stands. */
  readonly dash: number | undefined;
  readonly key: string | undefined;
  /** Something stands behind the key. */
  readonly hasValue: boolean;
}

const KEY = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#"'[\]{},&*!|>%@`-][^#]*?|-[^\s#][^#]*?)\s*:(?:\s+(.*))?$/;

/** The place of a cursor: its line, from 0, and how many characters stand before it. By indentation alone. */
export function placeAt(lines: readonly string[], line: number, column: number): CursorPlace | undefined {
  const before = (lines[line] ?? '').slice(0, column);
  if (/^\s*#/.test(before) || isInText(lines, line)) return undefined;
  const own = read(before);
  const typed = /^(\s*(?:- +)*)(.*)$/s.exec(before)!;
  const depth = typed[1]!.length;
  if (own.key !== undefined) {
    const word = /:\s+(.*)$/s.exec(typed[2]!)?.[1];
    if (word === undefined) return undefined;
    return { path: pathAbove(lines, line, depth, before), field: own.key, word, siblings: [] };
  }
  const path = pathAbove(lines, line, depth, before);
  return { path, field: undefined, word: typed[2]!, siblings: siblingsOf(lines, line, depth, own.dash === undefined) };
}

function read(text: string): Line {
  const dashes = /^(\s*)((?:- +)*)/.exec(text)!;
  const rest = text.slice(dashes[0].length);
  const key = KEY.exec(rest);
  return {
    indent: dashes[0].length,
    dash: dashes[2] === '' ? undefined : dashes[1]!.length,
    key: key === null ? undefined : unquoted(key[1]!),
    hasValue: (key?.[2] ?? '').replace(/\s*#.*$/, '') !== '',
  };
}

function unquoted(key: string): string {
  return /^["']/.test(key) ? key.slice(1, -1) : key;
}

function isBlank(text: string): boolean {
  return /^\s*(#.*)?$/.test(text) || text.startsWith('---');
}

/** The way to what stands at an indentation: up the lines, whenever one is further out. */
function pathAbove(lines: readonly string[], line: number, depth: number, own: string): (string | number)[] {
  const path: (string | number)[] = [];
  let indent = depth;
  const first = read(own);
  if (first.dash !== undefined) {
    path.unshift(itemIndex(lines, line, first.dash));
    // a dash may stand right below the key of its list
    indent = first.dash + 0.5;
  }
  for (let i = line - 1; i >= 0; i--) {
    const text = lines[i]!;
    if (isBlank(text)) continue;
    const at = read(text);
    if (at.key !== undefined && at.indent < indent && !at.hasValue) {
      path.unshift(at.key);
      indent = at.indent;
    }
    if (at.dash !== undefined && at.dash < indent && at.indent <= indent) {
      path.unshift(itemIndex(lines, i, at.dash));
      indent = at.dash + 0.5;
    }
    if (indent <= 0) break;
  }
  return path;
}

/** How many items of the same list stand before a line. */
function itemIndex(lines: readonly string[], line: number, dash: number): number {
  let index = 0;
  for (let i = line - 1; i >= 0; i--) {
    const text = lines[i]!;
    if (isBlank(text)) continue;
    const spaces = text.length - text.trimStart().length;
    const isItem = text.startsWith('- ', spaces) || text.trim() === '-';
    if (spaces < dash || (spaces === dash && !isItem)) break;
    if (spaces === dash) index++;
  }
  return index;
}

/** The names at the same indentation, above and below; above an item's first line there are none. */
function siblingsOf(lines: readonly string[], line: number, depth: number, above: boolean): string[] {
  const found: string[] = [];
  for (const step of above ? [-1, 1] : [1]) {
    for (let i = line + step; i >= 0 && i < lines.length; i += step) {
      if (isBlank(lines[i]!)) continue;
      const { indent, dash, key } = read(lines[i]!);
      if (step === 1 && dash !== undefined && dash < depth) break;
      if (indent < depth) break;
      if (indent === depth && key !== undefined) found.push(key);
      if (step === -1 && dash !== undefined && dash < depth) break;
    }
  }
  return found;
}

/** Within a text of several lines (`|`, `>`), in which nothing is a field. */
function isInText(lines: readonly string[], line: number): boolean {
  const text = lines[line] ?? '';
  let indent = text.trim() === '' ? Number.POSITIVE_INFINITY : text.length - text.trimStart().length;
  for (let i = line - 1; i >= 0; i--) {
    const above = lines[i]!;
    if (above.trim() === '') continue;
    const spaces = above.length - above.trimStart().length;
    if (spaces >= indent) continue;
    if (/[:-]\s+[|>][-+0-9]*\s*(#.*)?$/.test(above)) return true;
    indent = spaces;
    if (indent === 0) return false;
  }
  return false;
}

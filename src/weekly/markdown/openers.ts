/** What a line of Markdown begins, and how it is written where it is to begin nothing. Lines come without indentation. */

/** A fence of code, and what is said behind it. */
export const FENCE = /^(`{3,})([^`]*)$|^(~{3,})(.*)$/;
/** A heading of `#`s, and its text with what may close it. */
export const HEADING = /^(#{1,6})(?:[ \t]+(.*))?$/;
/** A line across. */
export const DIVIDER = /^(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/;
/** What makes the lines above it a heading. */
export const UNDERLINE = /^(?:=+|-+)[ \t]*$/;
/** A line of a quote. */
export const QUOTE = /^>[ \t]?/;
/** The first line of an item: its sign, and what stands behind it. */
export const ITEM = /^([-*+]|\d{1,9}[.)])(?:([ \t]+)(.*))?$/;
/** The first line of one of Zenn's containers. */
export const CONTAINER = /^(:{3,})[ \t]*([^ \t:]*)[ \t]*(.*)$/;
/** Something embedded, with its service. */
export const EMBED = /^@\[([A-Za-z]+)\]\((.+)\)$/;
/** A formula that has lines of its own. */
export const FORMULA = /^\$\$/;
/** What a label in brackets means: a footnote, or the address of a link. */
export const DEFINITION = /^\[[^\]]+\]:/;
/** The second line of a table. */
export const TABLE_RULE = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
/** An address alone on its line, as all that look for addresses in texts see its end. */
export const BARE_URL = /^https?:\/\/[A-Za-z0-9][A-Za-z0-9\-._~:/?#@!$&'()*+,;=%[\]]*$/;
/** An address that a card can have. */
export const CARD_URL = /^https?:\/\/[A-Za-z0-9[][!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]*$/;
/** An image alone on its line, without a size or a title. */
export const IMAGE = /^!\[((?:[^\\[\]]|\\.)*)\]\(([^\s()<>]+)\)$/;
/** What stands below an image, as Zenn has it. */
export const CAPTION = /^\*(.+)\*$/;

const HTML_BLOCKS =
  'address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul';
const TAG =
  /^<(?:[A-Za-z][A-Za-z0-9-]*(?:\s+[A-Za-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?)*\s*\/?|\/[A-Za-z][A-Za-z0-9-]*\s*)>\s*$/;
/** How blocks of HTML begin, and what ends them; undefined is an empty line. The last is none within a paragraph. */
const HTML: readonly (readonly [begin: RegExp, end: RegExp | undefined])[] = [
  [/^<(?:script|pre|style|textarea)(?:\s|>|$)/i, /<\/(?:script|pre|style|textarea)>/i],
  [/^<!--/, /-->/],
  [/^<\?/, /\?>/],
  [/^<![A-Za-z]/, />/],
  [/^<!\[CDATA\[/, /\]\]>/],
  [new RegExp(`^</?(?:${HTML_BLOCKS})(?:\\s|/?>|$)`, 'i'), undefined],
  [TAG, undefined],
];

/** What ends the HTML that a line begins, undefined if it begins none. */
export function htmlEnd(line: string, inParagraph: boolean): { readonly end: RegExp | undefined } | undefined {
  const found = HTML.find(([begin], index) => begin.test(line) && !(inParagraph && index === HTML.length - 1));
  return found === undefined ? undefined : { end: found[1] };
}

/** Whether two lines begin a table. */
export function beginsTable(line: string, next: string | undefined): boolean {
  if (next === undefined || !line.includes('|') || !next.includes('-') || !TABLE_RULE.test(next)) return false;
  return cellsOf(line).length === cellsOf(next).length;
}

/** The cells of a table's row. */
export function cellsOf(row: string): string[] {
  const inner = row
    .trim()
    .replace(/^\|/, '')
    .replace(/((?:^|[^\\])(?:\\\\)*)\|$/, '$1');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim());
}

/** Whether a line within a paragraph ends it, by what it begins. */
export function interrupts(line: string): boolean {
  const item = ITEM.exec(line);
  return (
    FENCE.test(line) ||
    HEADING.test(line) ||
    DIVIDER.test(line) ||
    QUOTE.test(line) ||
    CONTAINER.test(line) ||
    FORMULA.test(line) ||
    EMBED.test(line) ||
    (item !== null && (item[3] ?? '') !== '' && (/^[-*+]$/.test(item[1]!) || /^1[.)]$/.test(item[1]!))) ||
    htmlEnd(line, true) !== undefined
  );
}

/** A line of a paragraph as it is written so that it begins nothing else, and so that an address stays text. */
export function guarded(line: string): string {
  if (BARE_URL.test(line)) return `<${line}>`;
  if (FENCE.test(line)) return line.replace(/^(?:`+|~+)/, (run) => run.replace(/./g, '\\$&'));
  const number = /^(\d{1,9})([.)](?:[ \t].*)?)$/.exec(line);
  if (number !== null) return `${number[1]}\\${number[2]}`;
  const begins =
    HEADING.test(line) ||
    DIVIDER.test(line) ||
    UNDERLINE.test(line) ||
    QUOTE.test(line) ||
    ITEM.test(line) ||
    CONTAINER.test(line) ||
    EMBED.test(line) ||
    FORMULA.test(line) ||
    DEFINITION.test(line) ||
    TABLE_RULE.test(line) ||
    htmlEnd(line, false) !== undefined;
  return begins ? `\\${line}` : line;
}

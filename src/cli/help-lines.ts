import { Help } from 'commander';

/** No longer names than this have their description beside them; below longer ones it begins on a line of its own. */
const NAME_COLUMNS = 34;

/** How the helps of all commands are laid out; for commander's `configureHelp`. */
export const HELP_LAYOUT: Partial<Help> = {
  boxWrap: breakLines,
  padWidth(command, helper) {
    return Math.min(Help.prototype.padWidth.call(this, command, helper), NAME_COLUMNS);
  },
  formatItem(term, termWidth, description, helper) {
    if (term.length <= termWidth) return Help.prototype.formatItem.call(this, term, termWidth, description, helper);
    return `  ${term}\n${Help.prototype.formatItem.call(this, '', termWidth, description, helper)}`;
  },
};

/** What a line may hold of the last one before it: a writer's own line end, or the end of a paragraph. */
const FULL_AT = 66;

/**
 * Help texts, broken into lines of `width` columns. Lines that their writer broke by hand flow together again, so that no
 * single word is left over in a narrower terminal: a line continues the one before it when that one was full and both
 * begin at one column. Rows of two columns (two spaces or more between them) hang below their second. Examples stay as
 * they are, to be copied.
 */
export function breakLines(text: string, width: number): string {
  return text
    .split(/^(Examples:\n(?:.+\n?)*)/m)
    .map((part, index) => (index % 2 === 1 ? part : breakProse(part, width)))
    .join('');
}

function breakProse(text: string, width: number): string {
  return flow(text.split(/\r?\n/))
    .flatMap((line) => breakLine(line, width))
    .join('\n');
}

function flow(lines: readonly string[]): string[] {
  const flowing: string[] = [];
  let last = '';
  for (const line of lines) {
    const continues = last.length >= FULL_AT && line.trim() !== '' && indentOf(line) === hangOf(last);
    if (continues) flowing.push(`${flowing.pop()} ${line.trim()}`);
    else flowing.push(line);
    last = continues ? ' '.repeat(hangOf(last)) + line.trim() : line;
  }
  return flowing;
}

function breakLine(line: string, width: number): string[] {
  const hang = ' '.repeat(hangOf(line));
  const room = hang.length * 2 > width ? ' '.repeat(indentOf(line)) : hang;
  const broken: string[] = [];
  let current = '';
  for (const word of line.match(/\s*\S+/g) ?? []) {
    if (current !== '' && current.length + word.length > width) {
      broken.push(current);
      current = room + word.trimStart();
    } else current += word;
  }
  return [...broken, current];
}

function indentOf(line: string): number {
  return line.search(/\S|$/);
}

/** The column at which what follows a line stands below it: its second column's, or its own. */
function hangOf(line: string): number {
  return /^\s+\S+(?: \S+)* {2,}(?=\S)/.exec(line)?.[0].length ?? indentOf(line);
}

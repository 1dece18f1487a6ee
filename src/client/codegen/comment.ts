const WIDTH = 116;

/**
 * A text as a doc comment, with the line's end behind it; nothing for no text. It cannot end the comment, nor be taken for
 * a tag. Prose is wrapped; lines that are indented stay as they are.
 */
export function docComment(text: string | undefined, indent = '', deprecation?: string): string {
  const lines = text === undefined ? [] : linesOf(text, indent);
  if (deprecation !== undefined) {
    const [first = '', ...more] = linesOf(deprecation, indent);
    lines.push(`@deprecated ${first}`, ...more);
  }
  return commentOf(lines, indent);
}

function linesOf(text: string, indent: string): string[] {
  return text
    .trim()
    .split(/\r\n|[\r\n\u2028\u2029]/)
    .map((line) => line.trimEnd().replaceAll('*/', '*\\/'))
    .flatMap((line) => (/^\s/.test(line) ? [line] : wrapped(line, WIDTH - indent.length)))
    .map((line) => (/^\s*@/.test(line) ? line.replace('@', '\\@') : line));
}

function commentOf(lines: readonly string[], indent: string): string {
  if (lines.every((line) => line === '')) return '';
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */\n`].join('\n');
}

function wrapped(line: string, width: number): string[] {
  const out: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const at = rest.lastIndexOf(' ', width);
    const cut = at > 0 ? at : rest.indexOf(' ', width);
    if (cut < 0) break;
    out.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut + 1).trimStart();
  }
  return [...out, rest];
}

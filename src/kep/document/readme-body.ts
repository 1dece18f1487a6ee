/** A README without what is not of its text: front matter, and the table of contents that tools write into it. */
export function readmeBody(markdown: string): string {
  const text = markdown.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  return withoutContents(text.replace(/^---\n(?:[^]*?\n)?---[ \t]*(?:\n|$)/, ''));
}

/** By hand: a pattern takes quadratic time on many that begin and never end. */
function withoutContents(text: string): string {
  const [open, close] = ['<!-- toc -->', '<!-- /toc -->'];
  const from = text.indexOf(open);
  const to = from < 0 ? -1 : text.indexOf(close, from);
  return to < 0 ? text : text.slice(0, from) + text.slice(to + close.length);
}

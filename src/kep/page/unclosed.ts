import { groupBy } from '../model/group-by.ts';

/** Elements that go with all that is in them: it is not words, or browsers would not read it as HTML. */
export const WITH_CONTENT = [
  ...['script', 'style', 'iframe', 'textarea', 'option', 'noscript', 'template', 'title', 'svg', 'math'],
  ...['xmp', 'plaintext', 'noembed', 'noframes'],
];

const TAG = new RegExp(`<(/?)(${WITH_CONTENT.join('|')})(?=[\\s/>]|$)`, 'gi');

/**
 * Pieces of HTML that follow each other, in which the start tags of such elements that have no end tag in one of them are escaped to text, as GitHub
 * does: else all the rest of the page would be in the element, and go with it.
 */
export function withoutUnclosed(pieces: readonly string[]): readonly string[] {
  const unclosed = unclosedIn(pieces);
  if (unclosed.length === 0) return pieces;
  const byPiece = groupBy(unclosed, ({ piece }) => piece);
  return pieces.map((text, piece) => {
    const starts = (byPiece.get(piece) ?? []).map(({ at }) => at);
    return [0, ...starts]
      .map((from, i) => `${i > 0 ? '&lt;' : ''}${text.slice(i > 0 ? from + 1 : 0, starts[i])}`)
      .join('');
  });
}

interface Place {
  readonly piece: number;
  readonly at: number;
}

function unclosedIn(pieces: readonly string[]): readonly Place[] {
  const open = new Map<string, Place[]>();
  for (const [piece, text] of pieces.entries())
    for (const { index, 1: slash, 2: name } of text.matchAll(TAG)) {
      const places = open.get(name!.toLowerCase()) ?? [];
      if (slash === '') places.push({ piece, at: index });
      else places.pop();
      open.set(name!.toLowerCase(), places);
    }
  return [...open.values()].flat().sort((a, b) => a.piece - b.piece || a.at - b.at);
}

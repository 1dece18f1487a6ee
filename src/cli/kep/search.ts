import { excerptIn, type Hit, kepObject } from 'nekube/kep';
import { type Painter, painterFor } from '../color.ts';
import { CliError, type Io, NegativeFinding } from '../io.ts';
import { printable } from '../printable.ts';
import { progressOn } from '../progress.ts';
import type { SearchFlags } from './search-command.ts';
import { searchIndex } from './search-cache.ts';
import { filtered, withKeps } from './source.ts';

/**
 * Prints the KEPs whose texts have words, the best first.
 *
 * @throws NegativeFinding: there is none
 * @throws CliError for wrong flags, and where there is no checkout
 */
export async function searchKeps(words: readonly string[], flags: SearchFlags, io: Io): Promise<void> {
  if (!Number.isInteger(flags.limit) || flags.limit < 1)
    throw new CliError('--limit must be a whole number, 1 or more');
  const { found, shown } = await searched(words, flags, io);
  if (flags.output === 'json') {
    const items = shown.map(({ kep, words: _, ...hit }) => ({ kep: kepObject(kep), ...hit }));
    return io.stdout(`${JSON.stringify({ found, hits: items }, null, 2)}\n`);
  }
  if (found === 0) throw new NegativeFinding(`no KEP has ${words.join(' ')}`);
  const painter = painterFor(flags.color, io);
  io.stdout(shown.map((hit) => hitText(hit, painter)).join('\n'));
  if (found > shown.length) io.stderr(`${found} found; --limit shows more\n`);
}

interface Hits {
  readonly found: number;
  readonly shown: readonly Hit[];
}

/** The first search of texts takes long, so a terminal is told how far it is. */
async function searched(words: readonly string[], flags: SearchFlags, io: Io): Promise<Hits> {
  const progress = progressOn(io, io.errorColumns === undefined ? 'none' : 'auto');
  // what else is told does not stand in the line of the progress
  const beside: Io = { ...io, stderr: (text) => progress.say(text) };
  try {
    progress.step('KEPs are read');
    return await withKeps(flags, beside, async (content) => {
      const wanted = new Set(filtered(content, [], flags, beside).map(({ name }) => name));
      const index = await searchIndex(content, io, progress);
      const hits = index.find(words.join(' '), { excerpts: 0, isWanted: ({ name }) => wanted.has(name) });
      const shown = hits.slice(0, flags.limit).map(async (hit) => {
        const excerpt = excerptIn(await content.textOf(hit.kep), hit.words);
        return { ...hit, ...(excerpt && { excerpt }) };
      });
      return { found: hits.length, shown: await Promise.all(shown) };
    });
  } finally {
    progress.end();
  }
}

function hitText({ kep, excerpt }: Hit, painter: Painter): string {
  const { number, title, owningSig, status, stage, latestMilestone } = kep;
  const facts = [owningSig, status, stage, latestMilestone].filter((fact) => fact !== undefined).join(', ');
  const head = `${number ?? '-'}  ${printable(title)}\n    ${printable(facts)}\n`;
  if (excerpt === undefined) return head;
  const { heading, text, marks } = excerpt;
  let at = 0;
  const pieces = marks.map(([from, to]) => {
    const piece = printable(text.slice(at, from)) + painter.mark('changed', printable(text.slice(from, to)));
    at = to;
    return piece;
  });
  return `${head}    ${heading === '' ? '' : `${printable(heading)}: `}${pieces.join('')}${printable(text.slice(at))}\n`;
}

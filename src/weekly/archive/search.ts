import MiniSearch from 'minisearch';
import type { Block } from '../issue/model.ts';
import { plainText } from '../markdown/inline.ts';
import { textOfBlock } from '../render/plain-text.ts';
import type { PastIssue } from './archive.ts';

/** A part of a past issue that has the words. */
export interface ArchiveHit {
  readonly past: PastIssue;
  /** The title of the story, or of what else it is; '' for the introduction. */
  readonly title: string;
  readonly url?: string;
  /** The text around the first of the words. */
  readonly excerpt: string;
}

interface Entry {
  readonly id: number;
  readonly title: string;
  readonly text: string;
  readonly url?: string;
  readonly past: PastIssue;
}

/** An index of the stories of past issues, in any language: words where there are spaces, pairs of letters where there are none. */
export class ArchiveIndex {
  readonly #entries: Entry[] = [];
  readonly #index = new MiniSearch<Entry>({
    fields: ['title', 'text'],
    tokenize: tokensOf,
    searchOptions: { boost: { title: 3 } },
  });

  constructor(issues: readonly PastIssue[]) {
    for (const past of issues) {
      const { title, introduction, sections, afterword } = past.issue;
      this.#add(past, title, introduction);
      for (const section of sections) {
        if (section.introduction.length > 0) this.#add(past, section.title, section.introduction);
        for (const story of section.stories) this.#add(past, story.title, story.blocks, story.url);
      }
      if (afterword !== undefined) this.#add(past, afterword.title, afterword.blocks);
    }
    this.#index.addAll(this.#entries);
  }

  /** What has all the words, the best first. */
  search(words: string, most = 20): ArchiveHit[] {
    const tokens = tokensOf(words);
    const found = this.#index.search(words, { combineWith: 'AND', prefix: (term) => /^[a-z0-9]{2,}$/.test(term) });
    return found.slice(0, most).map(({ id }) => {
      const { past, title, text, url } = this.#entries[id as number]!;
      return { past, title, ...(url === undefined ? {} : { url }), excerpt: excerptOf(text, tokens) };
    });
  }

  #add(past: PastIssue, title: string, blocks: readonly Block[], url?: string): void {
    const text = blocks.map(textOfBlock).join('\n');
    this.#entries.push({
      id: this.#entries.length,
      title: plainText(title),
      text,
      past,
      ...(url === undefined ? {} : { url }),
    });
  }
}

/** Words in small letters; of scripts without spaces each pair of letters. */
function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  for (const [run] of text
    .normalize('NFKC')
    .toLowerCase()
    .matchAll(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々]+|[\p{L}\p{N}]+/gu)) {
    for (const part of run.match(
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々]+|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々]+/gu,
    ) ?? []) {
      const letters = [...part];
      if (!/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(part) || letters.length < 2)
        tokens.push(part);
      else for (let at = 0; at + 1 < letters.length; at++) tokens.push(`${letters[at]}${letters[at + 1]}`);
    }
  }
  return tokens;
}

const EXCERPT_LENGTH = 120;

function excerptOf(text: string, tokens: readonly string[]): string {
  const line = text.replace(/\s+/g, ' ');
  const places = tokens.map((token) => line.toLowerCase().indexOf(token)).filter((place) => place >= 0);
  const start = Math.max(0, Math.min(...places, line.length) - 30);
  const cut = places.length === 0 ? 0 : start;
  const part = line.slice(cut, cut + EXCERPT_LENGTH);
  return `${cut > 0 ? '…' : ''}${part}${cut + EXCERPT_LENGTH < line.length ? '…' : ''}`;
}

import { ParseError } from 'nekube/apimachinery';
import type { IssueDocument } from '../issue/model.ts';
import { normalizeIssue } from '../issue/normalize.ts';
import { textsOf } from '../issue/texts.ts';
import { gapOf, type PlacedTranslation, sourceHash } from '../issue/translate.ts';

/** A sheet in which a translator writes: each text of an issue with its translation, if there is one. */
export interface TranslationSheet {
  /** Of the issue. */
  readonly number?: number;
  /** The language that is translated to. */
  readonly language: string;
  readonly entries: readonly SheetEntry[];
}

/** A text of a sheet. */
export interface SheetEntry {
  readonly place: string;
  /** How far it was translated when the sheet was made; what was stale and is right all the same, translators call fresh. */
  readonly state: 'missing' | 'stale' | 'fresh';
  /** The mark of the text that the translator saw. */
  readonly sourceHash: string;
  /** The translation; empty: there is none. */
  readonly text: string;
}

const ABOUT = `Each text stands behind ">", and its translation below it: write it where there is none, change it where it is stale. One that
is stale and right all the same is called "fresh" instead of "stale" in the line above it. Leave these lines as they are otherwise.`;

/** The sheet of an issue in a language. What a translator need not look at, since it is translated, is there for the context. */
export function writeSheet(given: IssueDocument, language: string): string {
  const issue = normalizeIssue(given);
  const { number } = issue;
  const parts = textsOf(issue).map((text) => {
    const found = text.translations?.find((each) => each.language === language)?.text ?? '';
    const state = gapOf(text, language) ?? 'fresh';
    return [
      comment('text', { state, place: text.place, source: sourceHash(text.text) }),
      text.text.replace(/^/gm, '> ').replace(/^> $/gm, '>'),
      ...(found === '' ? [] : [tidy(found).replace(/(?<=^|\n)(\\*<!-- (?:text|translation):)/g, '\\$1')]),
    ].join('\n\n');
  });
  const head = comment('translation', { ...(number !== undefined && { number }), language });
  return `${[head, ABOUT, ...parts].join('\n\n')}\n`;
}

/** Whether a text is a sheet. */
export function isSheet(text: string): boolean {
  return /^\ufeff?\s*<!-- translation: \{/.test(text);
}

/**
 * Reads a sheet.
 *
 * @throws ParseError: a line of it that says which text follows is not what it was; it names the line
 */
export function readSheet(text: string): TranslationSheet {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n?|\n/);
  const entries: (Omit<SheetEntry, 'text'> & { readonly lines: string[] })[] = [];
  let head: Pick<TranslationSheet, 'number' | 'language'> | undefined;
  for (const [i, line] of lines.entries()) {
    const [, kind] = /^<!-- (text|translation):/.exec(line) ?? [];
    if (kind === undefined) entries.at(-1)?.lines.push(line.replace(/^\\(\\*<!-- (?:text|translation):)/, '$1'));
    else if (kind === 'translation') head = headOf(fieldsOf(line, i));
    else entries.push({ ...entryOf(fieldsOf(line, i), line, i), lines: [] });
  }
  if (head === undefined) throw new ParseError('no line says what it is the translation of: "<!-- translation: …"');
  return { ...head, entries: entries.map(({ lines: own, ...entry }) => ({ ...entry, text: translationIn(own) })) };
}

/** What stands below the text that is translated, which is quoted. */
function translationIn(lines: readonly string[]): string {
  const quote = lines.findIndex((line) => line.startsWith('>'));
  const rest = quote < 0 ? lines : lines.slice(quote);
  const end = rest.findIndex((line) => !line.startsWith('>'));
  return tidy((end < 0 ? [] : quote < 0 ? rest : rest.slice(end)).join('\n'));
}

/** A text without spaces at the ends of its lines, and empty lines around it. */
function tidy(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t]+(?=\n|$)/g, '')
    .replace(/^\n+|\n+$/g, '');
}

function comment(kind: 'text' | 'translation', fields: object): string {
  const json = JSON.stringify(fields).replaceAll('>', '\\u003e').replaceAll('--', '-\\u002d');
  return `<!-- ${kind}: ${json} -->`;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(line: string, index: number): Fields {
  const json = /^<!-- \w+: (\{.*\}) -->\s*$/.exec(line)?.[1];
  try {
    return JSON.parse(json ?? '') as Fields;
  } catch (cause) {
    throw new ParseError('this line must be as it was', { line: index + 1, sourceLine: line }, { cause });
  }
}

function headOf({ number, language }: Fields): Pick<TranslationSheet, 'number' | 'language'> | undefined {
  if (typeof language !== 'string') return undefined;
  return { language, ...(typeof number === 'number' && { number }) };
}

function entryOf({ place, state, source }: Fields, line: string, index: number): Omit<SheetEntry, 'text'> {
  const isState = state === 'missing' || state === 'stale' || state === 'fresh';
  if (typeof place === 'string' && typeof source === 'string' && isState) return { place, state, sourceHash: source };
  throw new ParseError('this line must say place, source, and state: missing, stale or fresh', {
    line: index + 1,
    sourceLine: line,
  });
}

/** What a sheet says of an issue. */
export interface SheetTranslations {
  readonly translations: readonly PlacedTranslation[];
  /** What was not taken as it stands there, and why: sentences. */
  readonly notes: readonly string[];
}

/**
 * The translations of a sheet. Each is of the text that the translator saw, so that it is stale if that has changed meanwhile; one that was stale
 * and is left alone stays so.
 */
export function translationsOfSheet(given: IssueDocument, { language, entries }: TranslationSheet): SheetTranslations {
  const texts = new Map(textsOf(normalizeIssue(given)).map((text) => [text.place, text]));
  const notes: string[] = [];
  const translations = entries.flatMap((entry): PlacedTranslation[] => {
    const { place, state, text } = entry;
    const own = texts.get(place);
    if (text === '') return [];
    if (own === undefined) {
      notes.push(`${place}: the issue has no such text any more, so that its translation is left out`);
      return [];
    }
    const before = own.translations?.find((each) => each.language === language);
    if (state !== 'fresh' && before !== undefined && tidy(before.text) === text) return [{ place, ...before }];
    if (entry.sourceHash !== sourceHash(own.text))
      notes.push(`${place}: the text has changed since the sheet was made`);
    return [{ place, language, text, sourceHash: entry.sourceHash }];
  });
  return { translations, notes };
}

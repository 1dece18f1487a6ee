import type { JsonValue } from 'nekube/apimachinery';
import type { Fitting, Sample } from './fitting.ts';
import { fitList } from './fit-list.ts';
import { joined } from './text-ways.ts';
import type { Template, TextFunction } from './template.ts';

/** What texts are taken apart at, each at its first and its last place. */
const SIGNS = [':', '/', '@', '=', ' ', ',', '-', '_', '.'];
/** What lists are joined by in texts. */
const SEPARATORS = ['\n', ', ', ',', ';', ' ', '&'];

/** Texts by their parts: what all have in common before and behind, lists that are joined, and what stands around a sign. */
export function fitSplit(samples: readonly Sample[], fitting: Fitting): Template | undefined {
  return (
    fitLines(samples, fitting) ??
    fitBetween(samples, fitting) ??
    fitJoined(samples, fitting) ??
    fitAround(samples, fitting)
  );
}

/** What is encoded, by what it is in clear. */
export function fitEncoded(samples: readonly Sample[], fitting: Fitting): Template | undefined {
  const decoded = samples.map(({ scope, out }): Sample => {
    return { scope, out: typeof out === 'string' ? Buffer.from(out, 'base64').toString('utf8') : undefined };
  });
  const isEncoded = (out: JsonValue | undefined, text: JsonValue | undefined): boolean =>
    out === undefined ||
    (out !== '' && Buffer.from(String(text)).toString('base64') === out && isReadable(String(text)));
  if (!samples.every(({ out }, i) => isEncoded(out, decoded[i]!.out))) return undefined;
  const of = fitting.fit(decoded);
  return of && applied('b64enc', of);
}

function isReadable(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what nobody would write is what is looked for
  return !/[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text);
}

/** A function of a template, where there is anything. */
function applied(name: TextFunction, of: Template): Template {
  if (of.form === 'absent') return of;
  if (of.form === 'if') return { ...of, met: applied(name, of.met), otherwise: applied(name, of.otherwise) };
  return { form: 'apply', function: name, of };
}

function textsOf(samples: readonly Sample[]): string[] {
  return samples.map(({ out }) => out as string);
}

function withTexts(samples: readonly Sample[], texts: readonly string[]): Sample[] {
  return samples.map(({ scope }, i) => ({ scope, out: texts[i] }));
}

/** Lines, each for itself. */
function fitLines(samples: readonly Sample[], fitting: Fitting): Template | undefined {
  const texts = textsOf(samples);
  if (!texts.some((text) => text.trimEnd().includes('\n'))) return undefined;
  const isEnded = texts.every((text) => text.endsWith('\n'));
  const found = fitPieces(withTexts(samples, isEnded ? texts.map((text) => text.slice(0, -1)) : texts), '\n', fitting);
  return found && (isEnded ? { form: 'text', parts: [found, '\n'] } : found);
}

function fitJoined(samples: readonly Sample[], fitting: Fitting): Template | undefined {
  for (const separator of SEPARATORS) {
    const counts = new Set(textsOf(samples).map((text) => text.split(separator).length));
    if (counts.size < 2) continue;
    const found = fitPieces(samples, separator, fitting);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fitPieces(samples: readonly Sample[], separator: string, fitting: Fitting): Template | undefined {
  const pieces = samples.map(({ scope, out }): Sample => {
    return { scope, out: out === '' ? [] : (out as string).split(separator) };
  });
  const list = fitList(pieces, fitting);
  return list && { form: 'join', list, separator };
}

/** What all texts begin and end with, up to a sign. */
function fitBetween(samples: readonly Sample[], fitting: Fitting): Template | undefined {
  const texts = textsOf(samples);
  const before = /^.*[^a-z0-9]/is.exec(common(texts))?.[0] ?? '';
  const rests = texts.map((text) => text.slice(before.length));
  const behind = reversed(/^.*[^a-z0-9]/is.exec(common(rests.map(reversed)))?.[0] ?? '');
  if (before === '' && behind === '') return undefined;
  const inner = rests.map((text) => text.slice(0, text.length - behind.length));
  const found = fitting.fit(withTexts(samples, inner));
  return found && textOfParts([before, found, behind]);
}

function common(texts: readonly string[]): string {
  const [first = ''] = texts;
  let { length } = first;
  for (const text of texts) while (!text.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}

function reversed(text: string): string {
  return [...text].reverse().join('');
}

/** What stands before a sign that all have, and what stands behind. */
function fitAround(samples: readonly Sample[], fitting: Fitting): Template | undefined {
  const texts = textsOf(samples);
  for (const sign of SIGNS) {
    if (!texts.every((text) => text.includes(sign))) continue;
    const places = [texts.map((text) => text.indexOf(sign)), texts.map((text) => text.lastIndexOf(sign))];
    for (const at of places) {
      const before = fitting.fit(
        withTexts(
          samples,
          texts.map((text, i) => text.slice(0, at[i]!)),
        ),
      );
      if (before === undefined) continue;
      const behind = fitting.fit(
        withTexts(
          samples,
          texts.map((text, i) => text.slice(at[i]! + sign.length)),
        ),
      );
      if (behind !== undefined) return textOfParts([before, sign, behind]);
    }
  }
  return undefined;
}

/** Parts as one text: constants and texts among them are no parts of their own. */
function textOfParts(parts: readonly (string | Template)[]): Template {
  const flat = parts.flatMap((part) => {
    if (typeof part === 'string') return [part];
    if (part.form === 'constant') return [String(part.value)];
    return part.form === 'text' ? part.parts : [part];
  });
  return { form: 'text', parts: joined(flat) };
}

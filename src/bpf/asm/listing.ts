import type { Assembled } from './assemble.ts';
import type { Instruction } from './instruction.ts';
import { print, printComment } from './print.ts';
import { sourceLine } from './source.ts';

/** What a listing shows beside the instructions. */
export interface ListingOptions {
  /** The lines of the source, above the instructions that they became. Default: false. */
  readonly source?: boolean;
}

/**
 * A program as text, a slot a line: its number, its instruction, and what that refers to by name. Labels stand on lines of
 * their own. With neither addresses nor bytes in it, a listing is a golden that can be read as a difference.
 */
export function listing(program: Assembled, options: ListingOptions = {}): string {
  const labels = new Map<number, string[]>();
  for (const [name, slot] of program.labels) labels.set(slot, [...(labels.get(slot) ?? []), name]);
  let written = '';
  const lines = program.slots.flatMap((one, slot) => {
    const names = (labels.get(slot) ?? []).map((name) => `${name}:`);
    if (one === undefined) return names;
    const source = options.source ? sourceOf(one) : '';
    const above = source === '' || source === written ? [] : [`; ${source}`];
    if (source !== '') written = source;
    return [...names, ...above, line(one, slot)];
  });
  return `${lines.join('\n')}\n`;
}

function line(one: Instruction, slot: number): string {
  const comment = printComment(one);
  const text = `${String(slot).padStart(6)}: ${print(one)}`;
  return comment === undefined ? text : `${text.padEnd(44)} ; ${comment}`;
}

function sourceOf({ source }: Instruction): string {
  if (source === undefined) return '';
  const { text, line: number, file } = sourceLine(source);
  return text === '' ? `${file}:${number}` : text;
}

import { basename } from 'node:path';
import type { Assembled } from '../asm/assemble.ts';
import { sourceLine } from '../asm/source.ts';
import { BtfWriter } from './writer.ts';

/** What a program's BTF says of it: which functions begin where, and which line became which instruction. */
export interface ProgramInfo {
  readonly btf: Uint8Array;
  /** Records of `FUNC_RECORD_BYTES`. */
  readonly functions: Uint8Array;
  /** Records of `LINE_RECORD_BYTES`. */
  readonly lines: Uint8Array;
}

/** Bytes of a function's record: slot, type. */
export const FUNC_RECORD_BYTES = 8;
/** Bytes of a line's record: slot, file, text, line and column. */
export const LINE_RECORD_BYTES = 16;
const HIGHEST_COLUMN = 1023;

/** The BTF of a program. Every function has a signature, and every instruction that begins a line has that line. */
export function programInfo(program: Assembled): ProgramInfo {
  const writer = new BtfWriter();
  const functions = program.functions.map(({ name, slot, parameters, global }) => [
    slot,
    writer.function(name, parameters, slot === 0 || global === true),
  ]);
  const lines = linesOf(program, writer);
  return { functions: records(functions), lines: records(lines), btf: writer.encode() };
}

function linesOf(program: Assembled, writer: BtfWriter): number[][] {
  const starts = new Set(program.functions.map(({ slot }) => slot));
  let last = '';
  return program.slots.flatMap((one, slot) => {
    if (one === undefined) return [];
    const { file, line, column, text } = one.source
      ? sourceLine(one.source)
      : { file: program.functions[0]!.name, line: 0, column: 0, text: '' };
    const place = `${file}:${line}`;
    // the kernel wants a line where a function begins
    if (place === last && !starts.has(slot)) return [];
    last = place;
    const position = (line << 10) | Math.min(column, HIGHEST_COLUMN);
    return [[slot, writer.string(basename(file)), writer.string(text), position >>> 0]];
  });
}

function records(rows: readonly (readonly number[])[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(rows.flat()).buffer);
}

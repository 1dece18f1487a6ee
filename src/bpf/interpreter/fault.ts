import type { SourceLine } from '../asm/source.ts';

/**
 * A program did what the verifier would not let it do, or called what the interpreter does not know. It is a bug of the
 * program, or a lack of the interpreter, and never what a program is expected to meet.
 */
export class InterpreterFault extends Error {
  override readonly name = 'InterpreterFault';
  /** The slot of the instruction. */
  readonly slot: number | undefined;
  readonly source: SourceLine | undefined;

  constructor(reason: string, place?: { program: string; slot: number; source: SourceLine | undefined }) {
    const line = place?.source ? `\n  ${place.source.file}:${place.source.line}: ${place.source.text}` : '';
    super(place ? `Program "${place.program}" ${reason} at instruction ${place.slot}${line}` : reason);
    this.slot = place?.slot;
    this.source = place?.source;
  }
}

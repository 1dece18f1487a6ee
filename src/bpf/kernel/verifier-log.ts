import type { Assembled } from '../asm/assemble.ts';
import { sourceLine } from '../asm/source.ts';
import { VerifierError } from '../errors.ts';
import { adviceOn } from './advice.ts';

const CONTEXT_LINES = 8;
const INSTRUCTION = /^(\d+): \(/;
/** What is no reason and helps nobody: statistics. */
const NOISE = /^(processed \d+ insns|verification time|stack depth|max_states|$)/;
/** What leads to the reason: instructions, states of registers, lines of source, branches, marks. */
const TRACE =
  /^(\d+: |; |from \d+ to|R\d+(_\w+)?=|func#|mark_precise|cur state:|old state:|caller:|callee:|arg#\d+ reference type)/;

/** The error of a log: the verifier's last words, where it stopped, and the lines before. */
export function verifierError(name: string, log: string, program: Assembled): VerifierError {
  const lines = log
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => !NOISE.test(line));
  const words = lines.slice(lines.findLastIndex((line) => /^(\d+: |; |from )/.test(line)) + 1);
  const reason =
    words.filter((line) => !TRACE.test(line)).join('; ') || (lines.at(-1) ?? 'the verifier gave no reason');
  const slot = slotOf(reason, lines);
  const position = slot === undefined ? undefined : program.slots[slot]?.source;
  return new VerifierError({
    program: name,
    reason,
    advice: adviceOn(reason),
    slot,
    source: position && sourceLine(position),
    context: lines.filter((line) => TRACE.test(line)).slice(-CONTEXT_LINES),
    log,
  });
}

/** The instruction that the reason names, or else the last that was looked at. */
function slotOf(reason: string, lines: readonly string[]): number | undefined {
  const named = /\binsn (\d+)/.exec(reason)?.[1];
  if (named !== undefined) return Number(named);
  const last = lines.findLast((line) => INSTRUCTION.test(line));
  return last === undefined ? undefined : Number(INSTRUCTION.exec(last)![1]);
}

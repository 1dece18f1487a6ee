import type { SourceLine } from './asm/source.ts';

/** A refusal of the kernel, or of a map in memory that behaves like it. */
export class BpfError extends Error {
  override readonly name: string = 'BpfError';
  /** The name of the error number: `E2BIG`, `EPERM`, `ENOENT`. */
  readonly code: string;

  constructor(action: string, code: string, explanation = EXPLANATIONS[code] ?? '') {
    super(`Cannot ${action}: ${code}${explanation === '' ? '' : ` (${explanation})`}`);
    this.code = code;
  }
}

/** What is asked for is not to be had here: another system, an older kernel, missing rights, or a package that is not installed. */
export class NotSupportedError extends Error {
  override readonly name = 'NotSupportedError';
  /** What was asked for: `tcx`, `map type arena`, `bpf(2)`. */
  readonly feature: string;

  constructor(feature: string, reason: string, cause?: unknown) {
    super(`${feature} is not supported here: ${reason}`, { cause });
    this.feature = feature;
  }
}

/** The verifier refused a program. The message has the reason, the instruction and the line of TypeScript that wrote it. */
export class VerifierError extends Error {
  override readonly name = 'VerifierError';
  readonly program: string;
  /** The verifier's own words. */
  readonly reason: string;
  /** What is mostly meant by that, where it is one of the usual reasons. */
  readonly advice: string | undefined;
  /** The slot at which it stopped, where the log tells. */
  readonly slot: number | undefined;
  /** The line that wrote the instruction. */
  readonly source: SourceLine | undefined;
  /** The last lines of the log before the reason: what registers held, and how it came there. */
  readonly context: readonly string[];
  /** All of the log. */
  readonly log: string;

  constructor(details: Omit<VerifierError, 'name' | 'message' | 'stack' | 'cause'>) {
    const { program, reason, advice, slot, source, context } = details;
    const place = slot === undefined ? '' : ` at instruction ${slot}`;
    const line = source === undefined ? '' : `\n  ${source.file}:${source.line}: ${source.text}`;
    const lines = context.map((one) => `\n  | ${one}`).join('');
    const hint = advice === undefined ? '' : `\n  ${advice}`;
    super(`Cannot load program "${program}": ${reason}${place}${line}${hint}${lines}`);
    this.program = program;
    this.reason = reason;
    this.advice = advice;
    this.slot = slot;
    this.source = source;
    this.context = context;
    this.log = details.log;
    // it is long, and the message has what matters of it
    Object.defineProperty(this, 'log', { enumerable: false });
  }
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  EPERM: 'needs CAP_BPF and CAP_NET_ADMIN: root, or a container that has them',
  E2BIG: 'the map is full',
  ENOENT: 'there is none',
  EEXIST: 'there is one already',
  ENOSPC: 'no space is left',
};

/** Whether this is the kernel's refusal, optionally of one kind; holds across copies of the package. */
export function isBpfError(thrown: unknown, code?: string): thrown is BpfError {
  return isNamed(thrown, 'BpfError') && (code === undefined || (thrown as BpfError).code === code);
}

/** Whether what was asked for is not to be had here. */
export function isNotSupportedError(thrown: unknown): thrown is NotSupportedError {
  return isNamed(thrown, 'NotSupportedError');
}

/** Whether the verifier refused a program. */
export function isVerifierError(thrown: unknown): thrown is VerifierError {
  return isNamed(thrown, 'VerifierError');
}

function isNamed(thrown: unknown, name: string): thrown is Error {
  return thrown instanceof Error && thrown.name === name;
}

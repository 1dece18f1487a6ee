import { BpfError } from '../errors.ts';
import { Attributes } from './attributes.ts';
import { COMMAND } from './commands.ts';
import type { KernelProgram } from './program.ts';
import { tryBpf } from './syscall.ts';

/** What a program is run on. */
export interface TestRunOptions {
  /** The packet from its Ethernet header on. */
  readonly data?: Uint8Array;
  /** The context as bytes of its layout; what may be set in it depends on the kind of program. */
  readonly context?: Uint8Array;
  /** How often, one after another on the same packet. Default: 1. */
  readonly repeat?: number;
}

/** What a program did. */
export interface TestRun {
  /** Its result as a number without sign. */
  readonly result: number;
  /** The packet as it left it. */
  readonly data: Uint8Array;
  /** The context as it left it; empty if none was given. */
  readonly context: Uint8Array;
  /** The mean of all runs, in nanoseconds. */
  readonly durationNs: number;
}

/** What a program may add to a packet. */
const HEADROOM = 4096;

/** Runs a program in the kernel (`BPF_PROG_TEST_RUN`). */
export function testRun(program: KernelProgram, { data, context, repeat = 1 }: TestRunOptions): TestRun {
  const dataIn = data && copy(data);
  const contextIn = context && copy(context);
  const dataOut = new Uint8Array(new ArrayBuffer(dataIn ? dataIn.length + HEADROOM : 0));
  const contextOut = new Uint8Array(new ArrayBuffer(contextIn?.length ?? 0));
  const attributes = new Attributes(80)
    .u32(0, program.fd)
    .u32(8, dataIn?.length ?? 0)
    .u32(12, dataOut.length)
    .pointer(16, dataIn)
    .pointer(24, dataOut)
    .u32(32, repeat)
    .u32(40, contextIn?.length ?? 0)
    .u32(44, contextOut.length)
    .pointer(48, contextIn)
    .pointer(56, contextOut);
  const code = tryBpf(COMMAND.programTestRun, attributes);
  if (typeof code === 'string') throw new BpfError(`run program "${program.spec.name}"`, code);
  return {
    result: attributes.readU32(4),
    data: dataOut.subarray(0, attributes.readU32(12)),
    context: contextOut,
    durationNs: attributes.readU32(36),
  };
}

/** Bytes outside of Node's pool, whose address stays. */
function copy(bytes: Uint8Array): Uint8Array {
  const made = new Uint8Array(new ArrayBuffer(bytes.length));
  made.set(bytes);
  return made;
}

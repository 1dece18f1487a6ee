import { type Assembled, assemble } from '../asm/assemble.ts';
import { SLOT_BYTES } from '../asm/encode.ts';
import { FUNC_RECORD_BYTES, LINE_RECORD_BYTES, programInfo } from '../btf/program-info.ts';
import { BpfError } from '../errors.ts';
import { ATTACH_TYPES, PROGRAM_FLAGS, PROGRAM_TYPES } from '../spec/program-types.ts';
import { DEFAULT_LICENSE, type ProgramSpec, programSpec } from '../spec/program-spec.ts';
import { Attributes, cString } from './attributes.ts';
import { kernelFunctionId, loadBtf } from './btf.ts';
import { COMMAND } from './commands.ts';
import { Descriptor } from './descriptor.ts';
import { type ProgramInfo, programInfoOf } from './info.ts';
import type { KernelMap } from './map.ts';
import { tryBpf } from './syscall.ts';
import { type TestRun, testRun, type TestRunOptions } from './test-run.ts';
import { verifierError } from './verifier-log.ts';

/** A program in the kernel. */
export class KernelProgram extends Descriptor {
  readonly spec: ProgramSpec;

  constructor(fd: number, spec: ProgramSpec) {
    super(fd, `program ${spec.name}`);
    this.spec = spec;
  }

  /**
   * Runs the program on a packet, or on a context, as the kernel runs it, with no network.
   *
   * @throws BpfError its kind cannot be run, or the packet is too short for its kind (14 bytes).
   */
  testRun(options: TestRunOptions): TestRun {
    return testRun(this, options);
  }

  info(): ProgramInfo {
    return programInfoOf(this.fd);
  }
}

/** How a program is loaded. */
export interface LoadOptions {
  /** Maps by the names that the program has for them. */
  readonly maps?: ReadonlyMap<string, KernelMap>;
  /** Whether functions and lines are told to the kernel. Default: true. */
  readonly btf?: boolean;
}

const FIRST_LOG_BYTES = 1 << 18;
const LOAD_TRIES = 10;
const LARGEST_LOG_BYTES = 1 << 26;

/**
 * Gives a program to the kernel, whose verifier reads all of it.
 *
 * @throws VerifierError it was refused, with the line that wrote the instruction; BpfError no rights, or no such kind of program;
 *   NotSupportedError it calls a function that this kernel has not, or there is no bpf(2).
 */
export function loadProgram(spec: ProgramSpec, options: LoadOptions = {}): KernelProgram {
  const program = assemble(programSpec(spec).name, spec.code);
  const bytes = linked(spec, program, options.maps ?? new Map());
  const attributes = loadAttributes(spec, bytes);
  const btf = options.btf === false ? undefined : addInfo(attributes, program);
  try {
    const fd = tryLoad(attributes);
    if (typeof fd === 'number') return new KernelProgram(fd, spec);
    throw refusal(spec, program, attributes, fd);
  } finally {
    btf?.close();
  }
}

/** A signal that comes while the verifier reads makes it give up; it is asked again then. */
function tryLoad(attributes: Attributes): number | string {
  for (let tries = 1; ; tries++) {
    const result = tryBpf(COMMAND.programLoad, attributes);
    if (result !== 'EAGAIN' || tries === LOAD_TRIES) return result;
  }
}

function loadAttributes(spec: ProgramSpec, bytes: Uint8Array): Attributes {
  const { type, attachType, license = DEFAULT_LICENSE, flags = [], name } = spec;
  return new Attributes()
    .u32(0, PROGRAM_TYPES[type])
    .u32(4, bytes.length / SLOT_BYTES)
    .pointer(8, bytes)
    .pointer(16, cString(license))
    .u32(
      44,
      flags.reduce((all, flag) => all | PROGRAM_FLAGS[flag], 0),
    )
    .name(48, name)
    .u32(68, attachType === undefined ? 0 : ATTACH_TYPES[attachType]);
}

/** Functions and lines for the kernel, where it takes them. */
function addInfo(attributes: Attributes, program: Assembled): Descriptor | undefined {
  const info = programInfo(program);
  const btf = loadBtf(info.btf);
  if (btf === undefined) return undefined;
  attributes
    .u32(72, btf.fd)
    .u32(76, FUNC_RECORD_BYTES)
    .pointer(80, info.functions)
    .u32(88, info.functions.length / FUNC_RECORD_BYTES)
    .u32(92, LINE_RECORD_BYTES)
    .pointer(96, info.lines)
    .u32(104, info.lines.length / LINE_RECORD_BYTES);
  return btf;
}

/** The program's bytes with what its references stand for. */
function linked(spec: ProgramSpec, program: Assembled, maps: ReadonlyMap<string, KernelMap>): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(program.bytes.length));
  bytes.set(program.bytes);
  const view = new DataView(bytes.buffer);
  for (const { slot, kind, name } of program.references) {
    const at = slot * SLOT_BYTES + 4;
    if (kind === 'kfunc') view.setInt32(at, kernelFunctionId(name), true);
    else {
      const map = maps.get(name);
      if (map === undefined) throw new TypeError(`Program ${spec.name} refers to map ${name}, which it was not given`);
      view.setInt32(at, map.fd, true);
    }
  }
  return bytes;
}

/** Why the kernel refused: it is asked again with a log, which is slower and so left out at first. */
function refusal(spec: ProgramSpec, program: Assembled, attributes: Attributes, code: string): Error {
  const log = code === 'EPERM' ? '' : verifierLog(attributes);
  if (log !== '') return verifierError(spec.name, log, program);
  return new BpfError(`load program "${spec.name}" of type ${spec.type}`, code);
}

function verifierLog(attributes: Attributes): string {
  for (let size = FIRST_LOG_BYTES; ; size *= 8) {
    const buffer = new Uint8Array(new ArrayBuffer(size));
    const result = tryLoad(attributes.u32(24, 1).u32(28, size).pointer(32, buffer));
    if (typeof result === 'number') new Descriptor(result, 'program').close();
    if (result === 'ENOSPC' && size < LARGEST_LOG_BYTES) continue;
    return Buffer.from(buffer.subarray(0, buffer.indexOf(0))).toString();
  }
}

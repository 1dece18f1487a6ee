import { call, exit, type HelperName, mov, movsx, mayGoto, jlt32, label, r0, r1, type Code } from '../asm/index.ts';
import { isNotSupportedError, isVerifierError } from '../errors.ts';
import { bytes } from '../layout/sequence.ts';
import { u32 } from '../layout/scalar.ts';
import { mapSpec } from '../spec/map-spec.ts';
import type { MapType } from '../spec/map-types.ts';
import { ATTACH_TYPES, type AttachType, type ProgramType } from '../spec/program-types.ts';
import { Attributes } from './attributes.ts';
import { kernelFunctionId } from './btf.ts';
import { COMMAND } from './commands.ts';
import { createMap } from './map.ts';
import { loadProgram } from './program.ts';
import { tryBpf } from './syscall.ts';

const answers = new Map<string, boolean>();

/** What was found out once is not tried again: a kernel does not change under a process. */
function once(question: string, ask: () => boolean): boolean {
  let answer = answers.get(question);
  if (answer === undefined) {
    answer = ask();
    answers.set(question, answer);
  }
  return answer;
}

/** What was tried did not fail; the reason does not matter, except that without rights nothing can be found out. */
function works(attempt: () => { close(): void }): boolean {
  try {
    attempt().close();
    return true;
  } catch (error) {
    if (isNotSupportedError(error) || (error as { code?: string }).code === 'EPERM') throw error;
    return false;
  }
}

/** Whether maps of a kind can be made. */
export function hasMapType(type: MapType): boolean {
  return once(`map ${type}`, () =>
    works(() => {
      const isNested = type === 'array_of_maps' || type === 'hash_of_maps';
      const inner = isNested ? mapSpec({ name: 'probe', type: 'array', value: u32, maxEntries: 1 }) : undefined;
      const isTrie = type === 'lpm_trie';
      const flags = isTrie ? (['no_prealloc'] as const) : type === 'arena' ? (['mmapable'] as const) : [];
      const key = isTrie ? bytes(8) : u32;
      const maxEntries = type.endsWith('ringbuf') ? 4096 : 1;
      return createMap(
        mapSpec<unknown, unknown>({ name: 'probe', type, key, maxEntries, flags, ...(inner && { inner }) }),
      );
    }),
  );
}

const ATTACHED: Partial<Readonly<Record<ProgramType, AttachType>>> = {
  cgroup_sock_addr: 'cgroup_inet4_connect',
  sk_lookup: 'sk_lookup',
  netfilter: 'netfilter',
};

function load(type: ProgramType, code: Code): { close(): void } {
  const attachType = ATTACHED[type];
  return loadProgram({ name: 'probe', type, code, ...(attachType && { attachType }) }, { btf: false });
}

/** Whether programs of a kind can be loaded. */
export function hasProgramType(type: ProgramType): boolean {
  return once(`program ${type}`, () => works(() => load(type, [mov(r0, 1), exit()])));
}

/** Whether programs of a kind may call a helper. */
export function hasHelper(type: ProgramType, helper: HelperName): boolean {
  return once(`helper ${type} ${helper}`, () => {
    try {
      load(type, [call(helper), exit()]).close();
      return true;
    } catch (error) {
      if (!isVerifierError(error)) throw error;
      // arguments are missing, which is said of helpers that are there
      return !/unknown func|cannot use helper|invalid func/.test(error.log);
    }
  });
}

/** Whether the instructions of a version of the machine are known. */
export function hasInstructions(version: 3 | 4): boolean {
  const code: Code =
    version === 3 ? [mov(r0, 0), jlt32(r0, 1, 'end'), label('end'), exit()] : [mov(r1, 0), movsx(r0, r1, 8), exit()];
  return once(`cpu v${version}`, () => works(() => load('socket_filter', code)));
}

/** Whether loops can be ended by the kernel (`mayGoto`). */
export function hasMayGoto(): boolean {
  return once('may_goto', () => works(() => load('socket_filter', [mov(r0, 0), mayGoto('end'), label('end'), exit()])));
}

/** A number that no device has. */
const NO_DEVICE = 0x7fff_ffff;

/** Whether programs can be attached to devices by tcx or netkit: the kernel looks for the device only where it has such places. */
export function hasDeviceAttach(type: 'tcx_ingress' | 'tcx_egress' | 'netkit_primary' | 'netkit_peer'): boolean {
  return once(`attach ${type}`, () => {
    const program = loadProgram({ name: 'probe', type: 'sched_cls', code: [mov(r0, 0), exit()] }, { btf: false });
    const attributes = new Attributes().u32(0, program.fd).u32(4, NO_DEVICE).u32(8, ATTACH_TYPES[type]);
    const result = tryBpf(COMMAND.linkCreate, attributes);
    program.close();
    return result === 'ENODEV';
  });
}

/** Whether programs may call a function of the kernel; only its name is looked for. */
export function hasKernelFunction(name: string): boolean {
  return once(`kfunc ${name}`, () => {
    try {
      return kernelFunctionId(name) > 0;
    } catch (error) {
      if (isNotSupportedError(error)) return false;
      throw error;
    }
  });
}

import type { Code } from '../asm/instruction.ts';
import type { MapSpec } from './map-spec.ts';
import type { AttachType, ProgramFlag, ProgramType } from './program-types.ts';

/** A program that is not loaded: it can be printed, interpreted and changed. */
export interface ProgramSpec {
  /** At most 15 letters, digits and underscores: the kernel, bpftool and the verifier's messages have it. */
  readonly name: string;
  readonly type: ProgramType;
  /** Where it will be attached; many kinds are checked for that when they are loaded. */
  readonly attachType?: AttachType;
  /** Helpers with the kernel's licence need `GPL` or another that agrees with it. Default: `Dual MIT/GPL`. */
  readonly license?: string;
  readonly code: Code;
  /** The maps that the code names. */
  readonly maps?: readonly MapSpec[];
  readonly flags?: readonly ProgramFlag[];
}

/** The licence of programs that say nothing of it. */
export const DEFAULT_LICENSE = 'Dual MIT/GPL';

/** A program's spec with its name checked; the kernel would say no more than EINVAL. */
export function programSpec(spec: ProgramSpec): ProgramSpec {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,14}$/.test(spec.name))
    throw new TypeError(`Program "${spec.name}" must be named by 1 to 15 letters, digits and underscores`);
  const names = (spec.maps ?? []).map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new TypeError(`Program ${spec.name} has two maps called ${twice}`);
  return spec;
}

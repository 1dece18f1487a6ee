import type { HelperName } from '../asm/helpers.ts';
import type { AtomicOperation, Place } from '../asm/memory.ts';
import type { SourcePosition } from '../asm/source.ts';

/** A register of which there are as many as are wanted; which of the machine's it becomes, is decided at the end. */
export type Virtual = number;

/** A register or a constant of 32 bits. */
export type Source = { readonly virtual: Virtual } | number;

/** Where memory is: from an address in a register, or on the stack, below its end. */
export type Base = Virtual | 'stack';

/** Arithmetic with two operands. */
export type Arithmetic = 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'and' | 'or' | 'xor' | 'lsh' | 'rsh' | 'arsh';

/** How two operands are compared. */
export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'sgt' | 'sge' | 'slt' | 'sle' | 'set';

/** A step of a program, before registers are given out. `wide` means all 64 bits. */
export type Step = { readonly source?: SourcePosition | undefined } & (
  | { kind: 'parameter'; dst: Virtual; index: number }
  | { kind: 'move'; dst: Virtual; from: Source; wide: boolean }
  | { kind: 'constant'; dst: Virtual; value: bigint }
  | { kind: 'map'; dst: Virtual; map: string }
  | { kind: 'stack'; dst: Virtual; offset: number }
  | { kind: 'arithmetic'; dst: Virtual; operation: Arithmetic; left: Virtual; right: Source; wide: boolean }
  /** The lower 32 bits. */
  | { kind: 'cut'; dst: Virtual; from: Virtual }
  | { kind: 'swap'; dst: Virtual; from: Virtual; bits: 16 | 32 | 64 }
  | { kind: 'load'; dst: Virtual; base: Base; place: Place }
  | { kind: 'store'; base: Base; place: Place; value: Source }
  | { kind: 'atomic'; operation: AtomicOperation; base: Base; place: Place; value: Virtual }
  | { kind: 'call'; dst: Virtual; helper: HelperName; args: readonly Source[] }
  | { kind: 'jump'; left: Virtual; comparison: Comparison; right: Source; wide: boolean; target: string }
  | { kind: 'goto'; target: string }
  | { kind: 'label'; name: string }
  | { kind: 'return'; value: Source }
);

const NOTHING: readonly Virtual[] = [];
const sourceUses = (source: Source): readonly Virtual[] => (typeof source === 'number' ? NOTHING : [source.virtual]);
const baseUses = (base: Base): readonly Virtual[] => (base === 'stack' ? NOTHING : [base]);

/** The register that a step writes. */
export function definedBy(step: Step): Virtual | undefined {
  return 'dst' in step ? step.dst : undefined;
}

/** The registers that a step reads. */
export function usedBy(step: Step): readonly Virtual[] {
  switch (step.kind) {
    case 'move':
      return sourceUses(step.from);
    case 'arithmetic':
    case 'jump':
      return [step.left, ...sourceUses(step.right)];
    case 'cut':
    case 'swap':
      return [step.from];
    case 'load':
      return baseUses(step.base);
    case 'store':
      return [...baseUses(step.base), ...sourceUses(step.value)];
    case 'atomic':
      return [...baseUses(step.base), step.value];
    case 'call':
      return step.args.flatMap(sourceUses);
    case 'return':
      return sourceUses(step.value);
    default:
      return NOTHING;
  }
}

/** The step with its registers exchanged for others: what it writes by `defined`, what it reads by `used`. */
export function renamed(step: Step, defined: (one: Virtual) => Virtual, used: (one: Virtual) => Virtual): Step {
  const source = (one: Source): Source => (typeof one === 'number' ? one : { virtual: used(one.virtual) });
  const base = (one: Base): Base => (one === 'stack' ? one : used(one));
  switch (step.kind) {
    case 'parameter':
    case 'constant':
    case 'map':
    case 'stack':
      return { ...step, dst: defined(step.dst) };
    case 'move':
      return { ...step, from: source(step.from), dst: defined(step.dst) };
    case 'arithmetic':
      return { ...step, left: used(step.left), right: source(step.right), dst: defined(step.dst) };
    case 'cut':
    case 'swap':
      return { ...step, from: used(step.from), dst: defined(step.dst) };
    case 'load':
      return { ...step, base: base(step.base), dst: defined(step.dst) };
    case 'store':
      return { ...step, base: base(step.base), value: source(step.value) };
    case 'atomic':
      return { ...step, base: base(step.base), value: used(step.value) };
    case 'call':
      return { ...step, args: step.args.map(source), dst: defined(step.dst) };
    case 'jump':
      return { ...step, left: used(step.left), right: source(step.right) };
    case 'return':
      return { ...step, value: source(step.value) };
    default:
      return step;
  }
}

/** Whether a step may be left out when nobody reads what it writes. */
export function isPure({ kind }: Step): boolean {
  return ['move', 'constant', 'map', 'stack', 'arithmetic', 'cut', 'swap', 'load'].includes(kind);
}

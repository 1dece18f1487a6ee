import type { Place } from '../asm/memory.ts';
import { definedBy, renamed, type Step, usedBy, type Virtual } from './ir.ts';
import { liveAfter } from './liveness.ts';

const REGISTERS = 10;
/** Registers that a call loses: r0 to r5. */
const LOST = 0b111111;
const ALL = (1 << REGISTERS) - 1;
const SLOT_BYTES = 8;

/** Which machine's register each virtual one is, and the steps as they are after some went to the stack. */
export interface Allocation {
  readonly steps: readonly Step[];
  readonly registers: ReadonlyMap<Virtual, number>;
  /** How many bytes of stack are used, with those for registers. */
  readonly stackBytes: number;
}

/** What is known of a virtual register. */
interface Node {
  readonly neighbours: Set<Virtual>;
  /** Bits of registers that it may have. */
  allowed: number;
  /** Registers and virtual registers that would save a move. */
  readonly wishes: Set<number>;
  readonly moves: Set<Virtual>;
  /** What it would cost to have it on the stack. */
  weight: number;
}

/**
 * Gives out the machine's registers by colouring a graph: values that are alive at the same time get different ones, those that
 * are alive across a call one of r6 to r9. What does not fit goes to the stack, least used first.
 */
export function allocate(steps: readonly Step[], stackBytes: number, next: () => Virtual): Allocation {
  const carriers = new Set<Virtual>();
  const whole = graphOf(steps, carriers);
  const slots = new Map<Virtual, number>();
  for (let current = steps; ; ) {
    const { registers, failed } = colour(current === steps ? whole : graphOf(current, carriers));
    if (failed.length === 0) {
      const used = slots.size === 0 ? 0 : Math.max(...slots.values()) + 1;
      return { steps: current, registers, stackBytes: stackBytes + used * SLOT_BYTES };
    }
    const offsets = new Map<Virtual, number>();
    for (const one of failed) {
      slots.set(one, freeSlot(whole.get(one)!, slots));
      offsets.set(one, -(stackBytes + (slots.get(one)! + 1) * SLOT_BYTES));
    }
    current = current.flatMap((step) => spill(step, offsets, next, carriers));
  }
}

/** The first slot of the stack that nothing has which is alive at the same time. */
function freeSlot({ neighbours }: Node, slots: ReadonlyMap<Virtual, number>): number {
  const taken = new Set([...neighbours].map((other) => slots.get(other)));
  let slot = 0;
  while (taken.has(slot)) slot++;
  return slot;
}

function graphOf(steps: readonly Step[], carriers: ReadonlySet<Virtual>): Map<Virtual, Node> {
  const graph = new Map<Virtual, Node>();
  const node = (one: Virtual): Node => {
    let made = graph.get(one);
    if (made === undefined) {
      made = { neighbours: new Set(), allowed: ALL, wishes: new Set(), moves: new Set(), weight: 0 };
      // what only carries a value to or from the stack cannot go there itself
      if (carriers.has(one)) made.weight = Number.POSITIVE_INFINITY;
      graph.set(one, made);
    }
    return made;
  };
  const join = (a: Virtual, b: Virtual): void => {
    if (a === b) return;
    node(a).neighbours.add(b);
    node(b).neighbours.add(a);
  };
  const after = liveAfter(steps);
  for (const [i, step] of steps.entries()) {
    const dst = definedBy(step);
    for (const one of usedBy(step)) node(one).weight += 1;
    if (dst !== undefined) node(dst).weight += 1;
    const copied = step.kind === 'move' && typeof step.from !== 'number' ? step.from.virtual : undefined;
    for (const one of after[i]!) {
      if (dst !== undefined && one !== copied) join(dst, one);
      if (step.kind === 'call' && one !== dst) node(one).allowed &= ~LOST;
    }
    constrain(step, node, join);
  }
  return graph;
}

/** What steps want of registers beyond being different. */
function constrain(step: Step, node: (one: Virtual) => Node, join: (a: Virtual, b: Virtual) => void): void {
  const related = (a: Virtual, b: Virtual): void => {
    node(a).moves.add(b);
    node(b).moves.add(a);
  };
  if (step.kind === 'parameter') node(step.dst).wishes.add(step.index + 1);
  if (step.kind === 'move' && typeof step.from !== 'number') related(step.dst, step.from.virtual);
  if (step.kind === 'swap' || step.kind === 'cut') related(step.dst, step.from);
  if (step.kind === 'return' && typeof step.value !== 'number') node(step.value.virtual).wishes.add(0);
  if (step.kind === 'arithmetic') {
    related(step.dst, step.left);
    // the result is where the left operand was, so it must not be where the right one still is
    if (typeof step.right !== 'number' && step.right.virtual !== step.left) join(step.dst, step.right.virtual);
  }
  if (step.kind !== 'call') return;
  node(step.dst).wishes.add(0);
  for (const [i, arg] of step.args.entries()) if (typeof arg !== 'number') node(arg.virtual).wishes.add(i + 1);
}

function bitsIn(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Takes nodes away that can always be coloured, then the cheapest; and colours them in the opposite order. */
function colour(graph: ReadonlyMap<Virtual, Node>): { registers: Map<Virtual, number>; failed: Virtual[] } {
  const registers = new Map<Virtual, number>();
  const failed: Virtual[] = [];
  for (const one of orderOf(graph).reverse()) {
    const node = graph.get(one)!;
    let register = choose(node, registers);
    while (register === undefined) {
      const given = cheapest(graph, one, registers);
      if (!Number.isFinite(graph.get(given)!.weight))
        throw new RangeError('A step needs more registers than there are');
      failed.push(given);
      registers.delete(given);
      if (given === one) break;
      register = choose(node, registers);
    }
    if (register !== undefined) registers.set(one, register);
  }
  return { registers, failed };
}

/** All nodes: those first that have a register left whatever the others have, then those that are best on the stack. */
function orderOf(graph: ReadonlyMap<Virtual, Node>): Virtual[] {
  const left = new Set(graph.keys());
  const degrees = new Map([...graph].map(([one, { neighbours }]) => [one, neighbours.size]));
  const isEasy = (one: Virtual): boolean => degrees.get(one)! < bitsIn(graph.get(one)!.allowed);
  const easy = [...left].filter(isEasy);
  const order: Virtual[] = [];
  while (left.size > 0) {
    let taken = easy.pop();
    taken ??= [...left].reduce((best, one) => (cost(graph, degrees, one) < cost(graph, degrees, best) ? one : best));
    if (!left.delete(taken)) continue;
    order.push(taken);
    for (const other of graph.get(taken)!.neighbours) {
      degrees.set(other, degrees.get(other)! - 1);
      if (left.has(other) && isEasy(other)) easy.push(other);
    }
  }
  return order;
}

function cost(graph: ReadonlyMap<Virtual, Node>, degrees: ReadonlyMap<Virtual, number>, one: Virtual): number {
  return graph.get(one)!.weight / (degrees.get(one)! + 1);
}

/** Of those that are in the way and the node itself, the one that is best on the stack. */
function cheapest(graph: ReadonlyMap<Virtual, Node>, one: Virtual, registers: ReadonlyMap<Virtual, number>): Virtual {
  const inTheWay = [...graph.get(one)!.neighbours].filter((other) => registers.has(other));
  return [one, ...inTheWay].reduce((best, other) =>
    graph.get(other)!.weight < graph.get(best)!.weight ? other : best,
  );
}

function choose(node: Node, registers: ReadonlyMap<Virtual, number>): number | undefined {
  let free = node.allowed;
  for (const other of node.neighbours) {
    const taken = registers.get(other);
    if (taken !== undefined) free &= ~(1 << taken);
  }
  const isFree = (register: number | undefined): boolean => register !== undefined && ((free >> register) & 1) === 1;
  const wish = [...[...node.moves].map((other) => registers.get(other)), ...node.wishes].find(isFree);
  if (wish !== undefined) return wish;
  for (let register = 0; register < REGISTERS; register++) if (isFree(register)) return register;
  return undefined;
}

/** A step with registers that are on the stack: they are read before, and written after. */
function spill(
  step: Step,
  offsets: ReadonlyMap<Virtual, number>,
  next: () => Virtual,
  carriers: Set<Virtual>,
): readonly Step[] {
  const dst = definedBy(step);
  const used = new Set(usedBy(step).filter((one) => offsets.has(one)));
  const isWritten = dst !== undefined && offsets.has(dst);
  if (used.size === 0 && !isWritten) return [step];
  const fresh = (): Virtual => {
    const made = next();
    carriers.add(made);
    return made;
  };
  const place = (one: Virtual): Place => ({ offset: offsets.get(one)!, size: 'u64' });
  const { source } = step;
  const read = new Map([...used].map((one) => [one, fresh()]));
  const written = isWritten ? fresh() : dst!;
  return [
    ...[...read].map(([one, by]): Step => ({ kind: 'load', dst: by, base: 'stack', place: place(one), source })),
    renamed(
      step,
      () => written,
      (one) => read.get(one) ?? one,
    ),
    ...(isWritten
      ? [{ kind: 'store', base: 'stack', place: place(dst), value: { virtual: written }, source } as const]
      : []),
  ];
}

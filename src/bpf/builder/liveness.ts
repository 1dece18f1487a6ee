import { definedBy, isPure, type Step, usedBy, type Virtual } from './ir.ts';

/** For each step, the registers whose values are read after it. */
export function liveAfter(steps: readonly Step[]): ReadonlySet<Virtual>[] {
  const labels = new Map(steps.flatMap((step, i) => (step.kind === 'label' ? [[step.name, i] as const] : [])));
  const after: Set<Virtual>[] = steps.map(() => new Set());
  const before: Set<Virtual>[] = steps.map(() => new Set());
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (let i = steps.length - 1; i >= 0; i--) {
      const step = steps[i]!;
      const sizes = after[i]!.size + before[i]!.size;
      for (const next of successors(step, i, labels)) for (const one of before[next] ?? []) after[i]!.add(one);
      const dst = definedBy(step);
      for (const one of after[i]!) if (one !== dst) before[i]!.add(one);
      for (const one of usedBy(step)) before[i]!.add(one);
      if (after[i]!.size + before[i]!.size !== sizes) isChanged = true;
    }
  }
  return after;
}

function successors(step: Step, at: number, labels: ReadonlyMap<string, number>): number[] {
  if (step.kind === 'return') return [];
  if (step.kind === 'goto') return [labels.get(step.target)!];
  return step.kind === 'jump' ? [at + 1, labels.get(step.target)!] : [at + 1];
}

/** The steps without those whose results nobody reads, and without jumps to what comes next. */
export function withoutDead(steps: readonly Step[]): readonly Step[] {
  const after = liveAfter(steps);
  const kept = steps.filter((step, i) => {
    if (step.kind === 'goto' && isNext(steps, i, step.target)) return false;
    return !isPure(step) || after[i]!.has(definedBy(step)!);
  });
  return kept.length === steps.length ? reachable(kept) : withoutDead(kept);
}

/** Without what stands between a jump or return and the next label. */
function reachable(steps: readonly Step[]): readonly Step[] {
  let isDead = false;
  return steps.filter((step) => {
    if (step.kind === 'label') isDead = false;
    const isKept = !isDead;
    if (step.kind === 'goto' || step.kind === 'return') isDead = true;
    return isKept;
  });
}

function isNext(steps: readonly Step[], at: number, target: string): boolean {
  for (let i = at + 1; steps[i]?.kind === 'label'; i++) if ((steps[i] as { name: string }).name === target) return true;
  return false;
}

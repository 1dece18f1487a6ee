import { isJsonObject, isStatusError, type JsonObject } from 'nekube/apimachinery';
import type { OperatorRead } from '../observe/operator-write.ts';
import { shownRef } from '../observe/operator-write.ts';
import type { Finding } from '../verdict/finding.ts';
import { linesOf, type ProbeContext } from './probe.ts';
import { leavesOf, pointerOf, type SpecVariant, variantsOf } from './spec-variants.ts';
import { tryOut } from './subject.ts';

/** What each leaf of the spec does. */
export interface LeafReport {
  readonly findings: readonly Finding[];
  readonly all: number;
  readonly exercised: number;
  /** Variants that the server refused. */
  readonly refused: readonly string[];
  /** By a leaf the places that it changes. */
  readonly influence: ReadonlyMap<string, readonly string[]>;
  /** A spec that comes to something else than the sample's; absent: none does. */
  readonly other?: JsonObject;
}

/**
 * Each leaf of the spec changed, unset, zero, and with each value of its enumeration: what changes, and what is read then that was not
 * read before.
 *
 * @param left whether there is time for one more
 */
export async function probeLeaves(context: ProbeContext, left: () => boolean): Promise<LeafReport> {
  const { session, subject, base, gap } = context;
  const spec = isJsonObject(subject.sample.spec) ? subject.sample.spec : {};
  const leaves = leavesOf(spec, subject.schema);
  const influence = new Map<string, readonly string[]>();
  const findings: Finding[] = [];
  const refused: string[] = [];
  const exercised = new Set<string>();
  let other: JsonObject | undefined;
  const variants = variantsOf(spec, leaves);
  for (const [i, variant] of variants.entries()) {
    if (!left()) {
      gap(`${variants.length - i} of ${variants.length} variants of the spec were not tried: the time was over`);
      break;
    }
    try {
      const trial = await tryOut(session, subject, variant.spec);
      exercised.add(variant.path);
      const changed = linesOf(context, base.outcome, trial.outcome);
      if (changed.length > 0) {
        influence.set(variant.path, [...new Set([...(influence.get(variant.path) ?? []), ...changed])]);
        if (variant.how !== 'unset') other ??= variant.spec;
      }
      const reads = newReads(base.reads, trial.reads);
      if (reads.length > 0) findings.push({ aspect: 'reads-other', probe: shown(variant), evidence: reads });
    } catch (error) {
      // aborted within one: what was found before is kept
      if (!left()) continue;
      if (!isStatusError(error)) throw error;
      refused.push(`${shown(variant)}: ${error.message}`);
      // what the server refuses can never reach the operator
      exercised.add(variant.path);
    }
  }
  const all = new Set(leaves.map(({ path }) => pointerOf(path))).size;
  return { findings, all, exercised: exercised.size, refused, influence, ...(other !== undefined && { other }) };
}

function shown({ path, how }: SpecVariant): string {
  return `spec${path} ${how === 'value' ? 'with another of its values' : how}`;
}

/** Objects that were read by name now and not before. */
function newReads(before: readonly OperatorRead[], now: readonly OperatorRead[]): string[] {
  const key = (read: OperatorRead): string => shownRef(read);
  const known = new Set(before.map(key));
  return [...new Set(now.filter(({ verb }) => verb === 'get').map(key))].filter((one) => !known.has(one));
}

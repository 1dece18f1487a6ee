import { minorOf } from '../document/values.ts';
import { groupBy } from '../model/group-by.ts';
import type { Kep, Stage } from '../model/kep.ts';
import type { CodeGate } from './feature-list.ts';

/** The stages that a KEP promises and a gate has. */
const COMPARED = ['alpha', 'beta', 'stable'] as const satisfies readonly Stage[];

/** Where a KEP and the code say different things. */
export interface Mismatch {
  readonly rule: 'gate-missing' | 'stage-missing' | 'release-differs' | 'stage-ahead' | 'gate-without-kep';
  readonly message: string;
  /** The KEP that promises it, by its name. */
  readonly kep?: string;
  /** The stage that it is about, and by whom it was reached in which release; absent where nobody says so. */
  readonly stage?: Stage;
  readonly byKep?: string;
  readonly byCode?: string;
  /** The stage that the KEP has instead, where the code is ahead. */
  readonly kepStage?: Stage;
  /** Of how many gates of the KEP none keeps the promise, where it has several. */
  readonly gates?: number;
}

/** A feature gate, with the KEPs that name it. */
export interface GatePromise {
  readonly gate: string;
  readonly keps: readonly Kep[];
  /** Absent: the code does not have it. */
  readonly code?: CodeGate;
  readonly mismatches: readonly Mismatch[];
}

/**
 * Holds what KEPs promise against the gates of the code at a release. What lies in later releases is not compared, and a gate that
 * the code has no more, of a KEP that is stable for some releases, was taken out as it should be.
 *
 * The milestones of a KEP are of the KEP, not of each of its gates: where it has several, a promise is kept if one of them keeps it.
 *
 * @param release the release that the code is of: `v1.36`
 */
export function gatePromises(
  keps: readonly Kep[],
  gates: readonly CodeGate[],
  release: string,
): readonly GatePromise[] {
  const code = new Map(gates.map((gate) => [gate.name, gate]));
  const named = keps.flatMap((kep) => kep.featureGates.map(({ name }) => ({ name, kep })));
  const byName = groupBy(named, ({ name }) => name);
  const names = [...new Set([...byName.keys(), ...code.keys()])].sort();
  return names.map((gate) => {
    const own = (byName.get(gate) ?? []).map(({ kep }) => kep);
    const found = code.get(gate);
    const mismatches =
      own.length === 0
        ? [{ rule: 'gate-without-kep' as const, message: 'no KEP names it' }]
        : own.flatMap((kep) => mismatchesOf(kep, gate, code, release).map((one) => ({ ...one, kep: kep.name })));
    return { gate, keps: own, ...(found && { code: found }), mismatches };
  });
}

/** The newest release that a list of features speaks of. */
export function releaseOf(gates: readonly CodeGate[]): string | undefined {
  const releases = gates.flatMap(({ stages }) => stages.map(({ release }) => release));
  return releases.sort((a, b) => minorOf(b) - minorOf(a))[0];
}

function mismatchesOf(
  kep: Kep,
  gate: string,
  code: ReadonlyMap<string, CodeGate>,
  release: string,
): readonly Mismatch[] {
  const own = code.get(gate);
  if (own === undefined) return missing(kep, release);
  const siblings = kep.featureGates.map(({ name }) => code.get(name)).filter((one) => one !== undefined);
  return [...COMPARED.flatMap((stage) => unkept(kep, stage, own, siblings, release)), ...ahead(kep, own)];
}

/** Gates of what is stable are taken out some releases later; those of what is not stable must be there. */
function missing({ milestones, stage, status }: Kep, release: string): readonly Mismatch[] {
  if (status === 'withdrawn' || status === 'rejected' || status === 'replaced' || status === 'provisional') return [];
  const first = COMPARED.map((one) => milestones[one]).find((milestone) => milestone !== undefined);
  const isDue = first !== undefined && minorOf(first) <= minorOf(release);
  if (stage !== 'alpha' && stage !== 'beta') return [];
  if (!isDue) return [];
  const message = `${stage} since ${first}, and ${release} has no such gate`;
  return [{ rule: 'gate-missing', message, stage, byKep: first }];
}

function unkept(
  { milestones, featureGates }: Kep,
  stage: (typeof COMPARED)[number],
  own: CodeGate,
  siblings: readonly CodeGate[],
  release: string,
): readonly Mismatch[] {
  const promised = milestones[stage];
  if (promised === undefined || minorOf(promised) > minorOf(release)) return [];
  const releases = (gate: CodeGate): readonly string[] =>
    gate.stages.filter((one) => one.stage === stage).map((one) => one.release);
  if (siblings.some((gate) => releases(gate).includes(promised))) return [];
  const several = featureGates.length > 1 ? `, as none of its ${featureGates.length} gates` : '';
  const about = { stage, byKep: promised, ...(featureGates.length > 1 && { gates: featureGates.length }) };
  const [had] = releases(own);
  if (had === undefined) {
    const message = `${stage} in ${promised} by the KEP, and the gate never was${several}`;
    return [{ rule: 'stage-missing', message, ...about }];
  }
  const message = `${stage} in ${promised} by the KEP, and in ${had} by the code${several}`;
  return [{ rule: 'release-differs', message, ...about, byCode: had }];
}

/** The code is further than the KEP admits. */
function ahead({ stage, featureGates }: Kep, own: CodeGate): readonly Mismatch[] {
  const now = own.stages.at(-1);
  const [said, is] = [COMPARED.indexOf(stage as 'alpha'), COMPARED.indexOf(now?.stage as 'alpha')];
  if (now === undefined || said < 0 || is <= said || featureGates.length > 1) return [];
  const message = `${now.stage} since ${now.release} by the code, and ${stage} by the KEP`;
  return [{ rule: 'stage-ahead', message, stage: now.stage, byCode: now.release, ...(stage && { kepStage: stage }) }];
}

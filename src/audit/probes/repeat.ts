import { isJsonObject, type JsonValue } from 'nekube/apimachinery';
import { differencesOf, isInSecret, type Outcome, type OutcomeDifference } from '../observe/outcome.ts';
import { refKey, shownRef } from '../observe/operator-write.ts';
import { shownDifference } from '../observe/shown-difference.ts';
import type { Aspect, Finding } from '../verdict/finding.ts';
import type { ProbeContext } from './probe.ts';
import { WORDS } from '../observe/words.ts';
import { type Trial, tryOut } from './subject.ts';

/** How often the same resource is made, besides the first time. */
const TIMES = 2;
/** What counts goes on by few; of three numbers at random each is above the one before once in six times. */
const MOST_STEP = 1000;
const DAY_MS = 24 * 3_600_000;

/** What it takes: nothing is known of what differs each time. */
type Repeated = Pick<ProbeContext, 'session' | 'subject' | 'base'>;

/** What a repetition shows. */
export interface RepeatReport {
  readonly findings: readonly Finding[];
  /** The places that differ each time, as {@link shownDifference} has them. */
  readonly random: ReadonlySet<string>;
  /** Whether there are whole objects in one trial and not in another, which may only have come late. */
  readonly hasMissing: boolean;
  /** Objects of which it is not known whether they would have come in each trial, since it did not come to rest. */
  readonly unclear: readonly string[];
}

/** The same resource in fresh namespaces, by other names: does it come to the same? */
export async function probeRepeat(context: Repeated): Promise<RepeatReport> {
  const { session, subject, base } = context;
  const probe = `the same resource in ${TIMES + 1} namespaces, by other names`;
  if (base.outcome.size === 0) {
    return {
      findings: [{ aspect: 'nothing', probe, evidence: ['it wrote no object'] }],
      random: new Set(),
      hasMissing: false,
      unclear: [],
    };
  }
  const trials: Trial[] = [base];
  for (let i = 0; i < TIMES; i++) trials.push(await tryOut(session, subject, undefined, { besideOthers: true }));
  const outcomes = trials.map(({ outcome }) => outcome);
  const all = outcomes.slice(1).flatMap((outcome) => differencesOf(base.outcome, outcome));
  // what is missing while it is at work still may come
  const isRestless = trials.some(({ interval }) => interval.isRestless);
  const isUnclear = ({ path }: OutcomeDifference): boolean => isRestless && path === '';
  const differences = all.filter((one) => !isUnclear(one));
  const foreign = [...base.outcome.values()].filter(({ ref }) => ![WORDS.namespace, ''].includes(ref.namespace));
  const findings: Finding[] = [];
  const tell = (aspect: Aspect, of: readonly string[], how = probe): void => {
    if (of.length > 0) findings.push({ aspect, probe: how, evidence: [...new Set(of)] });
  };
  const others = differences.filter((one) => !isInSecret(one));
  const apart = others.length === 0 ? undefined : await alone(context);
  const stays = (one: OutcomeDifference): boolean => apart?.has(shownDifference(one)) ?? true;
  tell(
    'reads-other',
    others.filter((one) => !stays(one)).map(shownDifference),
    'others of its kind are there, or are not',
  );
  for (const aspect of ['stamps', 'history', 'random'] as const)
    tell(aspect, others.filter((one) => stays(one) && causeOf(one, outcomes) === aspect).map(shownDifference));
  tell('random-secret', differences.filter(isInSecret).map(shownDifference));
  tell(
    'foreign-namespace',
    foreign.map(({ ref }) => shownRef(ref)),
  );
  const { size } = base.outcome;
  if (all.length === 0)
    tell('stable', [size === 1 ? '1 object is written alike' : `${size} objects are written alike`]);
  return {
    findings,
    random: new Set(all.map(shownDifference)),
    hasMissing: all.some(({ path }) => path === ''),
    unclear: [...new Set(all.filter(isUnclear).map(({ ref }) => shownRef(ref)))],
  };
}

/** The places that differ also between resources that are the only one of their kind. */
async function alone({ session, subject }: Repeated): Promise<ReadonlySet<string>> {
  const outcomes: Outcome[] = [];
  // those that were there before are deleted first
  for (let i = 0; i < 2; i++) outcomes.push((await tryOut(session, subject)).outcome);
  return new Set(differencesOf(outcomes[0]!, outcomes[1]!).map(shownDifference));
}

function causeOf({ ref, path }: OutcomeDifference, outcomes: readonly Outcome[]): Cause {
  return causeOfValues(
    outcomes.map((outcome) => valueAt(outcome.get(refKey(ref))?.content, path)),
    path,
  );
}

type Cause = 'stamps' | 'history' | 'random';

/** Why a place differs each time, by what stood there one time after another: the time of day, a number that grows, or something that nobody can foresee. */
export function causeOfValues(values: readonly (JsonValue | undefined)[], path: string): Cause {
  // versions of objects grow with all that is written to the server
  if (values.every(isNow) || isMoving(values) || /(version|revision)$/i.test(path)) return 'stamps';
  const numbers = values.map((value) => (/^\d+$/.test(String(value)) ? Number(value) : Number.NaN));
  const steps = numbers.slice(1).map((n, i) => n - numbers[i]!);
  return steps.every((step) => step > 0 && step <= MOST_STEP) ? 'history' : 'random';
}

function isNow(value: JsonValue | undefined): boolean {
  const number = Number(value);
  const at = Number.isNaN(number) ? Date.parse(String(value)) : number > 1e12 ? number : number * 1000;
  return Math.abs(at - Date.now()) < DAY_MS;
}

/** Times that go with the time of day, from a while before or after it: when something ends that begins now. */
function isMoving(values: readonly (JsonValue | undefined)[]): boolean {
  const times = values.map((value) =>
    /^\d{4}-\d\d-\d\dT/.test(String(value)) ? Date.parse(String(value)) : Number.NaN,
  );
  return Math.max(...times) - Math.min(...times) < DAY_MS;
}

function valueAt(value: JsonValue | undefined, pointer: string): JsonValue | undefined {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<JsonValue | undefined>((now, part) => {
      if (Array.isArray(now)) return now[Number(part)];
      return isJsonObject(now) ? now[part] : undefined;
    }, value);
}

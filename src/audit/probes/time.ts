import { isJsonObject, type JsonObject, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import type { Finding } from '../verdict/finding.ts';
import { isInSecret } from '../observe/outcome.ts';
import type { Interval } from '../observe/session.ts';
import { shownDifference } from '../observe/shown-difference.ts';
import { withWords } from '../observe/words.ts';
import { changesIn, differsBy, merge, type Probe, type ProbeContext, read, rewritesIn } from './probe.ts';
import { type Trial, tryOut } from './subject.ts';

const IDLE_MS = 1500;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Eight of them come to each day of the week, and to six hours that are spread over the day. */
const NEXT_MS = 20 * HOUR_MS;
/** Steps of time: most operators that go by how long something is there do so within two days. */
const STEPS_MS = [MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, NEXT_MS, NEXT_MS];
/** Later moments, for those that go by the hour, the day of the week, or the month that it is. */
const MOMENTS_MS = [...Array<number>(6).fill(NEXT_MS), 24 * DAY_MS];
/** What is made anew before it is over (certificates, passwords) is so within these. */
const FAR_MS = [90 * DAY_MS, 370 * DAY_MS];
/** How old resources are that are made in the past. */
const AGES = [
  { ms: 20 * MINUTE_MS, words: '20 minutes' },
  { ms: 25 * HOUR_MS, words: '25 hours' },
  { ms: 400 * DAY_MS, words: '400 days' },
];
const NOT_ADVANCED =
  'the time of a running program is advanced for programs of Node alone: what this one does by timers of its own is known for as long as ' +
  'the audit took, and what it does by the hour of the day or the day of the week is not known at all; resources were as old as a day ' +
  'instead, and it was started with them';

/** Time goes by, with nothing else: does it want anything else, or write the same again? */
export const time: Probe = async (context) => {
  const { session, subject, limit } = context;
  await tryOut(session, subject);
  if (!session.isAdvanced) {
    limit(NOT_ADVANCED);
    const idle = changesIn(context, await session.idle(IDLE_MS));
    return idle.length === 0
      ? []
      : [{ aspect: 'time', probe: `nothing happens for ${IDLE_MS / 1000} s`, evidence: idle }];
  }
  const heals: Finding[] = [];
  for (const step of STEPS_MS) {
    const interval = await session.advance(step);
    const probe = `time goes by: ${shownTime(step)}`;
    const changes = changesOf(context, interval);
    if (changes.length > 0) return await reset(context, [...heals, { aspect: 'time', probe, evidence: changes }]);
    const again = rewritesIn(context, interval);
    // who writes the same by a rhythm may do something else later
    if (again.length > 0 && heals.length === 0) heals.push({ aspect: 'heals', probe, evidence: again });
    // who goes by how long it runs shows that at what comes next
    const made = await madeThen(context, step);
    if (made.length > 0) return await reset(context, [...heals, ...made]);
  }
  for (const step of MOMENTS_MS) {
    await session.skip(step);
    const made = await madeThen(context, step);
    if (made.length > 0) return await reset(context, [...heals, ...made]);
  }
  for (const step of FAR_MS) {
    const changes = changesOf(context, await session.advance(step));
    const probe = `time goes by: ${shownTime(step)}`;
    if (changes.length > 0) return await reset(context, [...heals, { aspect: 'time', probe, evidence: changes }]);
  }
  return await reset(context, heals);
};

/** Where it wants something else, also in Secrets what differs each time: of one and the same it is made once, unless time says otherwise. */
function changesOf(context: ProbeContext, interval: Interval): readonly string[] {
  const anew = interval.changes.filter(isInSecret).map(shownDifference);
  return [...new Set([...changesIn(context, interval), ...anew.map((line) => `${withWords(line)} is made anew`)])];
}

/** What it makes otherwise of a resource that comes after a step of time. */
async function madeThen(context: ProbeContext, step: number): Promise<readonly Finding[]> {
  const { session, subject } = context;
  const probe = `time goes by: ${shownTime(step)}, and a resource is made then`;
  const made = differsBy(context, await tryOut(session, subject), probe);
  return made.length === 0 ? [] : [{ aspect: 'time', probe, evidence: made }];
}

function shownTime(ms: number): string {
  if (ms === NEXT_MS) return '20 hours more';
  return ms < DAY_MS ? `${ms / MINUTE_MS} minutes` : `${ms / DAY_MS} days`;
}

/** The operator is started anew, in the time that is. */
async function reset({ session }: ProbeContext, findings: readonly Finding[]): Promise<readonly Finding[]> {
  await session.restart();
  return findings;
}

/** The resource, and what is made of it, is old from the beginning: does it do otherwise? */
export const age: Probe = async (context) => {
  const { session, subject } = context;
  for (const { ms, words } of AGES) {
    const trial = await session.inThePast(ms, () => tryOut(session, subject));
    if (trial === undefined) return [];
    const changed = differsBy(context, trial, `a resource that is ${words} old`);
    if (changed.length > 0) return [{ aspect: 'time', probe: `a resource that is ${words} old`, evidence: changed }];
    const stamps = await setBack(context, trial, ms);
    const later = changesIn(context, await session.restart());
    const probe = `what it made is ${words} old${stamps ? ', by its own stamps as well' : ''}, and it is started anew`;
    if (later.length > 0) return [{ aspect: 'time', probe, evidence: later }];
  }
  return [];
};

/** Makes the times older that stand in a resource's status and annotations; false: there are none. */
async function setBack({ session, subject }: ProbeContext, trial: Trial, ms: number): Promise<boolean> {
  const namespace = subject.isNamespaced ? trial.namespace : '';
  const ref = { ...subject, subresource: '', namespace, name: trial.name };
  const now = (await read(session.env.client, ref)) as unknown as JsonObject | undefined;
  const { annotations } = (now?.metadata ?? {}) as { readonly annotations?: JsonObject };
  const [status, stamps] = [older(now?.status, ms), older(annotations, ms)];
  const merged: Promise<KubeObject>[] = [];
  if (status !== undefined && status !== now?.status)
    merged.push(merge(session.env.client, { ...ref, subresource: 'status' }, { status }));
  if (stamps !== undefined && stamps !== annotations)
    merged.push(merge(session.env.client, ref, { metadata: { annotations: stamps } } as JsonObject));
  const done = await Promise.allSettled(merged);
  return done.some(({ status: how }) => how === 'fulfilled');
}

/** The same value, if no time stands in it. */
function older<T extends JsonValue | undefined>(value: T, ms: number): T {
  if (typeof value === 'string') {
    const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) ? Date.parse(value) : Number.NaN;
    return (Number.isNaN(at) ? value : new Date(at - ms).toISOString().replace('.000Z', 'Z')) as T;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => older(item, ms));
    return items.some((item, i) => item !== value[i]) ? (items as JsonValue as T) : value;
  }
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([name, field]) => [name, older(field as JsonValue, ms)] as const);
  return entries.some(([name, field]) => field !== value[name]) ? (Object.fromEntries(entries) as T) : value;
}

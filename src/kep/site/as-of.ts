import type { KepHistory } from '../history/history.ts';
import { type Kep, type KepStatus, type Stage, STAGES, STATUSES } from '../model/kep.ts';
import { historiesIn, type SiteContent } from './kep-site.ts';

/**
 * What a site showed at the end of a day (UTC), by what is known of the changes since: number, title, SIG, status, stage and
 * milestones are as they were, and what was not proposed then is not there. All else, people and texts above all, is as now, and
 * what was taken away since is not known.
 *
 * @param day `2024-01-31`
 */
export function contentAsOf(content: SiteContent, day: string): SiteContent {
  const now = historiesIn(content);
  const end = `${day}T23:59:59Z`;
  const then = content.keps.flatMap((kep) => {
    const history = now.get(kep.name);
    return history === undefined ? [] : (before(kep, history, end) ?? []);
  });
  const histories = new Map(then.map(({ kep, history }) => [kep.name, history]));
  return {
    ...content,
    source: { ...content.source, time: end, asOf: day, isPartial: true },
    keps: then.map(({ kep }) => kep),
    findings: new Map(),
    histories: () => histories,
  };
}

/** A KEP without what changed after a moment; undefined: it was not there. */
function before(
  kep: Kep,
  { changes, changed }: KepHistory,
  end: string,
): { readonly kep: Kep; readonly history: KepHistory } | undefined {
  // up to the last that is dated so, as git finds the commit of a day: clocks of commits may disagree
  const count = changes.findLastIndex(({ time }) => time <= end) + 1;
  const [kept, undone] = [changes.slice(0, count), changes.slice(count).reverse()];
  if (kept.length === 0 || kept.findLast(({ field }) => field === 'kep')?.to === undefined) return undefined;
  const values = new Map(undone.map(({ field, from }) => [field, from]));
  const history = { changes: kept, changed: changed <= end ? changed : kept.at(-1)!.time };
  return { kep: withValues(kep, values, end), history };
}

function withValues(now: Kep, values: ReadonlyMap<string, string | undefined>, end: string): Kep {
  const { number, status, stage, latestMilestone, updated, milestones, written, ...kep } = now;
  const value = (field: string, own: string | undefined): string | undefined =>
    values.has(field) ? values.get(field) : own;
  const wrote = value('status', status ?? written['status']);
  const staged = value('stage', stage ?? written['stage']);
  const numbered = value('kep-number', number?.toString());
  const latest = value('latest-milestone', latestMilestone);
  const isStatus = (STATUSES as readonly (string | undefined)[]).includes(wrote);
  const isStage = (STAGES as readonly (string | undefined)[]).includes(staged);
  const { status: _, stage: __, ...others } = written;
  return {
    ...kep,
    title: value('title', kep.title) ?? '',
    owningSig: value('owning-sig', kep.owningSig) ?? '',
    ...(numbered !== undefined && { number: Number(numbered) }),
    ...(isStatus && { status: wrote as KepStatus }),
    ...(isStage && { stage: staged as Stage }),
    ...(latest !== undefined && { latestMilestone: latest }),
    ...(updated !== undefined && updated <= end && { updated }),
    milestones: Object.fromEntries(
      STAGES.flatMap((one) => {
        const release = value(`milestone.${one}`, milestones[one]);
        return release === undefined ? [] : [[one, release]];
      }),
    ),
    written: {
      ...others,
      ...(wrote !== undefined && !isStatus && { status: wrote }),
      ...(staged !== undefined && !isStage && { stage: staged }),
    },
  };
}

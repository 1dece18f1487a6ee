import type { KepHistory } from '../history/history.ts';
import type { Finding } from '../model/finding.ts';
import type { Kep } from '../model/kep.ts';
import type { StaleReason } from '../query/stale.ts';
import type { KepRow, KnownDay } from './contract.ts';

/** What is said of a KEP elsewhere than in it. */
export interface RowContext {
  readonly history: KepHistory | undefined;
  readonly findings: readonly Finding[];
  readonly staleReason: StaleReason | undefined;
}

/** The row of a KEP in a list. */
export function rowOf(kep: Kep, { history, findings, staleReason }: RowContext): KepRow {
  const made = dayMade(kep, history);
  const changed = dayChanged(kep, history);
  return {
    name: kep.name,
    ...(kep.number !== undefined && { number: kep.number }),
    title: kep.title,
    owningSig: kep.owningSig,
    participatingSigs: kep.participatingSigs,
    ...(kep.status !== undefined && { status: kep.status }),
    ...(kep.stage !== undefined && { stage: kep.stage }),
    written: kep.written,
    authors: kep.authors,
    reviewers: kep.reviewers,
    approvers: kep.approvers,
    readinessApprovers: kep.readinessApprovers,
    featureGates: kep.featureGates,
    ...(kep.latestMilestone !== undefined && { latestMilestone: kep.latestMilestone }),
    milestones: kep.milestones,
    ...(kep.created !== undefined && { created: kep.created }),
    ...(kep.updated !== undefined && { updated: kep.updated }),
    ...(made !== undefined && { made }),
    ...(changed !== undefined && { changed }),
    ...(staleReason !== undefined && { stale: staleReason }),
    findings: findings.filter(({ level }) => level !== 'note').length,
  };
}

/** The front matter, unless it has no day, or one after the commit that brought the KEP. */
function dayMade({ created }: Kep, history: KepHistory | undefined): KnownDay | undefined {
  const first = history?.changes[0]?.time.slice(0, 10);
  if (created !== undefined && (first === undefined || created <= first)) return { day: created, by: 'kep' };
  if (first === undefined) return undefined;
  return { day: first, by: 'history', ...(created !== undefined && { written: created }) };
}

/** The commits, which know; the front matter, which is seldom kept up to date, where there are none. */
function dayChanged({ updated }: Kep, history: KepHistory | undefined): KnownDay | undefined {
  const last = history?.changed.slice(0, 10);
  if (last === undefined) return updated === undefined ? undefined : { day: updated, by: 'kep' };
  return { day: last, by: 'history', ...(updated !== undefined && updated !== last && { written: updated }) };
}

import type { KepRow, TimelineEntry } from 'nekube/kep';
import { kepHref } from './frame.tsx';
import { kepPath, listPath, term } from './address.ts';
import { kepTexts as t } from './texts.ts';

/** How well a status goes: what it is colored by. */
const TONES: Readonly<Record<string, string>> = {
  implemented: 'good',
  implementable: 'open',
  provisional: 'early',
  withdrawn: 'over',
  rejected: 'over',
  replaced: 'over',
  deferred: 'over',
};

/** A status, or what was written where it is none. */
export function StatusMark({ status, written }: Pick<KepRow, 'status' | 'written'>) {
  const text = status ?? written['status'];
  if (text === undefined) return <span class="none">–</span>;
  return (
    <span class={`kep-status ${status === undefined ? 'odd' : TONES[status]}`} translate={false}>
      {text}
    </span>
  );
}

export function StageMark({ stage, written }: Pick<KepRow, 'stage' | 'written'>) {
  const text = stage ?? written['stage'];
  if (text === undefined) return <span class="none">–</span>;
  return (
    <span class={`kep-stage ${stage ?? 'odd'}`} translate={false}>
      {text}
    </span>
  );
}

/** Why a KEP is stale. */
export function staleText(reason: NonNullable<KepRow['stale']>): string {
  return { milestone: t.staleMilestone, unchanged: t.staleUnchanged, unnamed: t.staleUnnamed }[reason];
}

/** `KEP-127`, or its name where it has no number. */
export function labelOf({ number, name }: Pick<KepRow, 'number' | 'name'>): string {
  return number ? `KEP-${number}` : name;
}

/** A link to the page of a KEP, by number and title. */
export function KepLink({ kep }: { readonly kep: Pick<KepRow, 'name' | 'number' | 'title'> }) {
  return (
    <a class="kep-link" href={kepHref(kepPath(kep.name))} title={kep.title} translate={false}>
      {kep.number ? <span class="kep-number">{kep.number}</span> : null}
      <span>{kep.title || kep.name}</span>
    </a>
  );
}

/** A value that leads to the list of all that have it. */
export function ValueLink({ field, value }: { readonly field: string; readonly value: string }) {
  return (
    <a class="kep-value" href={kepHref(listPath(term(field, value)))} translate={false}>
      {value}
    </a>
  );
}

/** A field as histories name it. */
export function fieldTitle(field: string): string {
  const stage = /^milestone\.(.*)$/.exec(field)?.[1];
  if (stage !== undefined) return t.changeMilestone(stage);
  const titles: Readonly<Record<string, string>> = {
    kep: t.changeKep,
    title: t.changeTitle,
    'kep-number': t.changeNumber,
    'owning-sig': t.changeSig,
    status: t.changeStatus,
    stage: t.changeStage,
    'latest-milestone': t.changeLatest,
  };
  return titles[field] ?? field;
}

/** What one commit changed, a line a value. */
export function Changes({ changes }: { readonly changes: TimelineEntry['changes'] }) {
  const begins = changes.some(({ field, to }) => field === 'kep' && to !== undefined);
  return (
    <ul class="kep-changes">
      {changes.map(({ field, from, to }) => {
        if (field === 'kep') return <li key={field}>{to === undefined ? t.takenAway : t.proposed}</li>;
        // the first values of what is new are told by its page
        if (begins && (field === 'title' || field === 'kep-number' || field === 'owning-sig')) return null;
        return (
          <li key={field}>
            <span class="soft">{fieldTitle(field)}</span>{' '}
            {to === undefined ? (
              t.noMore(from ?? '')
            ) : (
              <span translate={false}>
                {from !== undefined && (
                  <>
                    <s>{from}</s> →{' '}
                  </>
                )}
                <strong>{to}</strong>
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** The pull request that brought a change, else its commit. */
export function Source({ entry }: { readonly entry: TimelineEntry }) {
  const { commit, commitUrl, pullRequest, pullRequestUrl } = entry;
  return (
    <span class="kep-source" translate={false}>
      {pullRequest !== undefined && pullRequestUrl !== undefined && (
        <a href={pullRequestUrl} rel="noopener noreferrer">
          {t.pullRequest(pullRequest)}
        </a>
      )}
      <a href={commitUrl} rel="noopener noreferrer" aria-label={t.commit(commit.slice(0, 8))}>
        <code>{commit.slice(0, 8)}</code>
      </a>
    </span>
  );
}

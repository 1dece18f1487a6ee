import { titleParts, titleSimilarity } from '../stories/titles.ts';

/** How far the subject of a story is. */
export const SUBJECT_STATES = ['Open', 'Draft', 'Merged', 'Closed', 'Published'] as const;
/** One of `SUBJECT_STATES`. */
export type SubjectStateName = (typeof SUBJECT_STATES)[number];

/** What is known of a pull request, an issue, a discussion or a release at a moment. */
export interface SubjectState {
  readonly state: SubjectStateName;
  readonly title: string;
  readonly url: string;
  /** RFC 3339, when it came into this state, as far as is known. */
  readonly since?: string;
  /** What went on with it after it was closed, if something did. */
  readonly successor?: Successor;
}

/** What takes the place of something closed. */
export interface Successor {
  readonly url: string;
  readonly title: string;
  readonly state: SubjectStateName;
}

/** Another pull request or issue that names the subject. */
export interface Mention extends Successor {
  /** Its text, in which it says why it names the subject. */
  readonly text: string;
  readonly number: number;
  readonly repository: string;
  /** RFC 3339. */
  readonly created: string;
}

/** Why something is proposed to be told again. */
export interface FollowUp {
  readonly reason: 'Merged' | 'Closed' | 'Reopened' | 'SuccessorOpened' | 'SuccessorMerged' | 'SuccessorClosed';
  /** A sentence for the editors: `kubernetes/kubernetes#1 was closed; its successor #2 was merged`. */
  readonly text: string;
  /** What a follow-up would be about. */
  readonly url: string;
  readonly title: string;
}

/** How a subject is called in a sentence, by its address: `cilium/cilium#12`. */
export function subjectName(url: string): string {
  const found = /github\.com\/([^/]+\/[^/]+)\/(?:pull|issues|discussions)\/(\d+)/.exec(url);
  return found ? `${found[1]}#${found[2]}` : url;
}

/** What is worth telling of what became of a subject since it was told as `before`; undefined: nothing. */
export function followUpOf(before: SubjectState, now: SubjectState): FollowUp | undefined {
  const name = subjectName(now.url);
  const own = changeOf(before, now);
  const next = now.successor;
  const isNews = next !== undefined && (next.url !== before.successor?.url || next.state !== before.successor.state);
  if (next !== undefined && isNews && next.state !== 'Draft') {
    const verb = next.state === 'Merged' ? 'was merged' : next.state === 'Closed' ? 'was closed' : 'is open';
    const reason =
      next.state === 'Merged' ? 'SuccessorMerged' : next.state === 'Closed' ? 'SuccessorClosed' : 'SuccessorOpened';
    const past = now.state === 'Merged' ? 'merged' : 'closed';
    return {
      reason,
      text: `${name} was ${past}; its successor ${subjectName(next.url)} ${verb}`,
      url: next.url,
      title: next.title,
    };
  }
  return own && { ...own, text: `${name} ${own.text}`, url: now.url, title: now.title };
}

function changeOf(before: SubjectState, now: SubjectState): Pick<FollowUp, 'reason' | 'text'> | undefined {
  if (before.state === now.state) return undefined;
  const wasEnded = before.state === 'Closed' || before.state === 'Merged';
  if (now.state === 'Merged') return { reason: 'Merged', text: 'was merged' };
  if (now.state === 'Closed') return { reason: 'Closed', text: 'was closed' };
  // from a draft to one that is ready is no news to readers
  return wasEnded ? { reason: 'Reopened', text: 'was reopened' } : undefined;
}

const TAKES_OVER =
  /\b(supersed\w*|replac\w*|success\w*|continu\w*|carr(?:y|ies|ied)|tak(?:es?|ing) over|took over|rebas\w*|reviv\w*|resurrect\w*|re-?open\w*|instead of|follow[- ]?up (?:to|of)|based on|reworks?|v2 of)\b/i;
/** Titles of which half is the same, where one says no more than that it knows the other. */
const ALIKE = 0.5;

/**
 * What goes on with something that was closed, among what names it: something later in the same repository that says so, or is called much the
 * same. Of several one that was merged, then one that is open, then the newest.
 */
export function successorAmong(
  subject: { readonly repository: string; readonly number: number; readonly title: string; readonly since?: string },
  mentions: readonly Mention[],
): Successor | undefined {
  const parts = titleParts(subject.title);
  const found = mentions
    .filter(({ repository, number }) => repository === subject.repository && number > subject.number)
    .filter(({ text, title }) => saysSo(text, subject) || titleSimilarity(parts, titleParts(title)) >= ALIKE)
    .sort((a, b) => order(a) - order(b) || (a.created < b.created ? 1 : -1))[0];
  return found && { url: found.url, title: found.title, state: found.state };
}

/** A sentence that names the subject and says that it is taken over. */
function saysSo(
  text: string,
  { repository, number }: { readonly repository: string; readonly number: number },
): boolean {
  const names = new RegExp(
    `(?:(?:^|[^\\w/])#|${escaped(repository)}#|${escaped(repository)}/(?:pull|issues)/)${number}\\b`,
  );
  return text.split(/(?<=[.!?])\s+|\n+/).some((sentence) => names.test(sentence) && TAKES_OVER.test(sentence));
}

function order({ state }: Mention): number {
  return state === 'Merged' ? 0 : state === 'Closed' ? 2 : 1;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

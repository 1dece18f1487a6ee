import type { Aspect, Coverage, Finding, ProbedKinds } from './finding.ts';
import { isOfTheSpec, type Judgement, type Verdict } from './verdict.ts';

/** What each verdict comes to, as sentences. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  render: 'What it writes is a function of the resource: a Helm chart does the same.',
  'render-with-secrets':
    'What it writes is a function of the resource, and of values that it makes once: a Helm chart does the same.',
  heal: 'What it writes is a function of the resource, and it puts back what was changed: a Helm chart and GitOps do the same.',
  compose: 'It reads what others wrote, or writes where others are: a composition, or an operator with few rights.',
  operate: 'It acts by status, time or order, which no chart does: an operator is justified.',
  external: 'It deals with what is outside of the cluster.',
  unknown: 'Too little was seen for a verdict.',
};

/** What a verdict comes to, as a sentence; of `unknown` also why. */
export function verdictWords(
  verdict: Verdict,
  {
    findings,
    coverage: { gaps },
    decidedBy = [],
    kinds = [],
  }: {
    readonly findings: readonly Finding[];
    readonly coverage: Pick<Coverage, 'gaps'>;
    readonly decidedBy?: readonly string[];
    readonly kinds?: readonly { readonly kind: string }[];
  },
): string {
  if (verdict !== 'unknown') return VERDICT_WORDS[verdict];
  if (isOfSeveral({ kinds, decidedBy }))
    return `Too little is known of ${decidedBy.join(', ')} to say that a chart does for all of it.`;
  if (findings.some(({ aspect }) => aspect === 'nothing'))
    return 'It made nothing of the sample, so that nothing can be said.';
  const why = gaps.find((gap) => /was over|interrupted/.test(gap)) ?? gaps[0];
  return why === undefined ? VERDICT_WORDS.unknown : `Too little was tried for a verdict: ${why}.`;
}

/** Whether more than the one kind that was probed decided, or might have: then its findings and gaps do not say why. */
export function isOfSeveral({
  kinds,
  decidedBy,
}: {
  readonly kinds: readonly { readonly kind: string }[];
  readonly decidedBy: readonly string[];
}): boolean {
  return decidedBy.length > 0 && (kinds.length > 1 || decidedBy.some((kind) => kind !== kinds[0]?.kind));
}

interface Judged {
  readonly kind: string;
  readonly verdict: Verdict;
  readonly confidence: Judgement['confidence'];
}

/** Of an operator with several kinds: for which of them a chart would do, for which not, and of which nothing is known; undefined: it has one. */
export function adviceWords(kinds: readonly Judged[]): string | undefined {
  if (kinds.length < 2) return undefined;
  const those = (is: (one: Judged) => boolean): string =>
    kinds
      .filter(is)
      .map(({ kind }) => kind)
      .join(', ');
  const isChart = ({ verdict }: Judged): boolean => isOfTheSpec(verdict);
  const isUnknown = ({ verdict }: Judged): boolean => verdict === 'unknown';
  const isSure = ({ confidence }: Judged): boolean => confidence !== 'low';
  const parts = [
    [those((one) => isChart(one) && isSure(one)), 'A chart does for '],
    [those((one) => isChart(one) && !isSure(one)), 'As far as was tried, a chart does for '],
    [those((one) => !isChart(one) && !isUnknown(one)), 'The operator does more for '],
    [those(isUnknown), 'Nothing is known of '],
  ] as const;
  return parts
    .filter(([of]) => of !== '')
    .map(([of, words]) => `${words}${of}.`)
    .join(' ');
}

/** Which kinds a verdict says nothing of, as a sentence; undefined: all that are defined were probed. */
export function kindsWords({ probed, others }: ProbedKinds): string | undefined {
  if (others.length === 0) return undefined;
  // why one was not that should have been is told among what is not known
  const told = others.map(({ kind, isAskedFor }) => (isAskedFor ? kind : `${kind} (which it never asked for)`));
  return `It was probed with ${probed}, and not with ${told.join(', ')}: of what it makes of these nothing is known.`;
}

/** What roles by which an operator was seen to work lack, as a sentence; undefined: it was seen with all kinds that it works on. */
export function rolesWords({ others }: ProbedKinds): string | undefined {
  const asked = others.filter(({ isAskedFor }) => isAskedFor).map(({ kind }) => kind);
  return asked.length === 0
    ? undefined
    : `What it needs for ${asked.join(', ')} is not among these, since that was not seen.`;
}

/** What each aspect of an operator is, as a sentence about it. */
export const ASPECT_WORDS: Readonly<Record<Aspect, string>> = {
  stable: 'It writes the same for the same resource',
  random: 'It writes what differs each time',
  stamps: 'It writes the time of day',
  'random-secret': 'It makes values in Secrets that differ each time',
  history: 'What it writes depends on what the resource was before',
  'reads-other': 'It reads objects that it did not make',
  'foreign-namespace': 'It writes into other namespaces',
  'edits-others': 'It changes or deletes objects that it did not make',
  'writes-own-spec': 'It changes the spec of its own resources, so that the values of a chart would change under it',
  'crosses-namespaces': 'It reads an object of another namespace that a resource names',
  heals: 'It puts back what was changed',
  'follows-status': 'It acts by the status of what it made',
  'reports-status': 'It tells the status of what it made',
  time: 'It acts as time goes by',
  restart: 'It does otherwise after a restart',
  'acts-on-deletion': 'It makes or changes something when the resource is deleted',
  finalizer: 'It cleans up when the resource is deleted',
  orphans: 'What it made stays when the resource is deleted',
  'gives-up': 'It does not try again what failed',
  egress: 'It talks to others than the API server',
  'calls-workloads': 'It talks to what it made',
  'uses-metadata': 'It goes by the name, labels or annotations of the resource',
  'elects-leader': 'It takes part in an election of a leader',
  'serves-webhooks': 'It serves webhooks',
  'admits-others': 'It changes or refuses what others make, by its webhooks',
  'watches-others': 'It watches what it does not make',
  forces: 'It takes fields from others by force',
  'flip-flops': 'It writes an object to and fro',
  crashes: 'It ended by itself, and was started anew',
  nothing: 'It made nothing',
};

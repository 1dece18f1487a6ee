import type { Finding } from './finding.ts';
import { isOfTheSpec, type Judgement, type Verdict } from './verdict.ts';

/** A kind of resources, and what an operator is worth for it. */
export interface KindJudgement {
  /** As in `shops.shop.example`. */
  readonly kind: string;
  readonly judgement: Judgement;
}

/** What an operator is worth for all of its kinds. */
export interface JoinedJudgement extends Judgement {
  /** The kinds that decided; of `unknown` those of which nothing is known. */
  readonly decidedBy: readonly string[];
}

/** From the weakest on; what is unknown has no place in it. */
const STRENGTH: readonly Verdict[] = ['render', 'render-with-secrets', 'heal', 'compose', 'operate', 'external'];
const SURE: readonly Verdict[] = ['operate', 'external'];
const CONFIDENCE: readonly Judgement['confidence'][] = ['low', 'medium', 'high'];

/**
 * The strongest verdict of all kinds: what does more for one kind than a chart does is needed, whatever it does for others. That a chart
 * does in place of all of it nobody can say while there is a kind of which nothing is known.
 *
 * @param kinds at least one
 * @param missing kinds that it works on, and of which nothing was seen
 */
export function joinJudgements(kinds: readonly KindJudgement[], missing: readonly string[]): JoinedJudgement {
  const strength = ({ judgement }: KindJudgement): number => STRENGTH.indexOf(judgement.verdict);
  const strongest = kinds.reduce((a, b) => (strength(b) > strength(a) ? b : a)).judgement.verdict;
  const unknown = kinds.filter((one) => strength(one) < 0);
  const isWhole = missing.length === 0;
  const verdict = isOfTheSpec(strongest) && (unknown.length > 0 || !isWhole) ? 'unknown' : strongest;
  const deciding = verdict === 'unknown' ? unknown : kinds.filter(({ judgement }) => judgement.verdict === verdict);
  const highest = kinds.reduce((a, b) => (b.judgement.capability > a.judgement.capability ? b : a)).judgement;
  return {
    verdict,
    because: deciding.flatMap(({ kind, judgement }) =>
      judgement.because.map((finding): Finding => ({ kind, ...finding })),
    ),
    confidence: verdict === 'unknown' ? 'low' : confidenceOf(SURE.includes(verdict) ? deciding : kinds, isWhole),
    capability: highest.capability,
    capabilityBecause: highest.capabilityBecause,
    ...(highest.declaredCapability !== undefined && { declaredCapability: highest.declaredCapability }),
    decidedBy: [...deciding.map(({ kind }) => kind), ...(verdict === 'unknown' ? missing : [])],
  };
}

/** What was seen is as sure as for the kind that shows it; that no kind shows more is as sure as for the least sure of them. */
function confidenceOf(kinds: readonly KindJudgement[], isWhole: boolean): Judgement['confidence'] {
  const all = kinds.map(({ judgement }) => CONFIDENCE.indexOf(judgement.confidence));
  const isSeen = kinds.every(({ judgement }) => SURE.includes(judgement.verdict));
  return CONFIDENCE[isSeen ? Math.max(...all) : isWhole ? Math.min(...all) : 0]!;
}

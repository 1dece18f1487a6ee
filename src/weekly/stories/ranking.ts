/** What a story is ranked by. */
export interface Candidate {
  readonly title: string;
  readonly url: string;
  /** The name of the feed or watched project that it came from; absent for one that a person added. */
  readonly source?: string;
  /** How much is thought of its source: 1 as of others. */
  readonly sourceWeight?: number;
  readonly votesFor: number;
  readonly votesAgainst: number;
  /** When it was published, if that is known, else when it was proposed. */
  readonly time: Date;
}

/** A story of the past, and what became of it. */
export interface Judged {
  readonly title: string;
  readonly url: string;
  readonly source?: string;
  readonly isPublished: boolean;
}

/** Why a story has its rank: summands of `score`. */
export interface Rank {
  readonly score: number;
  readonly votes: number;
  readonly source: number;
  /** By what of the past resembles it. */
  readonly learned: number;
  readonly age: number;
  /** What of it told most, for better or worse: `host:kubernetes.io`, `word:ebpf`. At most 5. */
  readonly because: readonly { readonly feature: string; readonly weight: number }[];
}

/** A vote counts as much as what is learned can at most. */
const LEARNED_LIMIT = 2;
const DAY_MS = 86_400_000;
/** After so many days a story is worth one vote less than a new one. */
const DAYS_A_VOTE = 14;

/**
 * What past issues say of a story: for each host, source and word how much more often it was in what was published than in what was not, as
 * the logarithm of the ratio, by counts with one added (naive Bayes). Nothing is learned where all was published, or nothing.
 */
export class Taste {
  readonly #published = new Map<string, number>();
  readonly #passedOver = new Map<string, number>();
  #all = { published: 0, passedOver: 0 };

  constructor(past: Iterable<Judged>) {
    for (const story of past) {
      const counts = story.isPublished ? this.#published : this.#passedOver;
      for (const feature of featuresOf(story)) counts.set(feature, (counts.get(feature) ?? 0) + 1);
      if (story.isPublished) this.#all.published++;
      else this.#all.passedOver++;
    }
  }

  /** Each feature of a story that says something, and how much; positive: more was published. */
  weigh(
    story: Pick<Candidate, 'title' | 'url' | 'source'>,
  ): readonly { readonly feature: string; readonly weight: number }[] {
    const { published, passedOver } = this.#all;
    if (published === 0 || passedOver === 0) return [];
    return featuresOf(story)
      .map((feature) => {
        const liked = ((this.#published.get(feature) ?? 0) + 1) / (published + 2);
        const disliked = ((this.#passedOver.get(feature) ?? 0) + 1) / (passedOver + 2);
        return { feature, weight: this.#isKnown(feature) ? Math.log(liked / disliked) : 0 };
      })
      .filter(({ weight }) => weight !== 0);
  }

  #isKnown(feature: string): boolean {
    return this.#published.has(feature) || this.#passedOver.has(feature);
  }
}

/** How much a story is worth telling, as far as can be counted; votes weigh most. */
export function rankOf(story: Candidate, taste: Taste, now: Date): Rank {
  const told = [...taste.weigh(story)].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const sum = told.reduce((total, { weight }) => total + weight, 0);
  // squeezed, since words come together and each would count for the same reason
  const learned = LEARNED_LIMIT * Math.tanh(sum / LEARNED_LIMIT / 2);
  const votes = story.votesFor - story.votesAgainst;
  const source = Math.log2(Math.min(Math.max(story.sourceWeight ?? 1, 1 / 16), 16));
  const days = Math.max(0, now.getTime() - story.time.getTime()) / DAY_MS;
  const age = days === 0 ? 0 : -days / DAYS_A_VOTE;
  return { score: votes + source + learned + age, votes, source, learned, age, because: told.slice(0, 5) };
}

function featuresOf({ title, url, source }: Pick<Judged, 'title' | 'url' | 'source'>): readonly string[] {
  const words =
    title
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}][\p{L}\p{N}+#.-]*[\p{L}\p{N}+#]|\p{L}/gu) ?? [];
  const host = URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, '') : '';
  return [
    ...(host === '' ? [] : [`host:${host}`]),
    ...(source === undefined ? [] : [`source:${source}`]),
    ...new Set(words.filter((word) => word.length > 2).map((word) => `word:${word}`)),
  ];
}

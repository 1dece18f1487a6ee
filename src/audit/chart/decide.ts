import { type Asked, allBits, bitsOf, countBits } from './questions.ts';
import { sizeOf } from './size.ts';
import type { Predicate, Scope, Template } from './template.ts';

/** A template, and the scopes for which it gives what it must. */
export interface Term {
  readonly template: Template;
  readonly covers: bigint;
}

/** So many questions are tried in all their ways; further ones only those that tell most. */
const ALL_WAYS = 2;
const MOST_QUESTIONS = 9;
/** At each step only so many of the questions that tell most are tried then. */
const MOST_TRIED = 3;
/** So many sets of scopes are looked at. */
const MOST_SETS = 150;

/** Decides for some scopes which of several templates gives what they must: by as few questions as that takes. */
export class Decision {
  readonly #all: bigint;
  readonly #asked: readonly Asked[];
  readonly #terms: readonly Term[];
  readonly #leaves = new Map<bigint, Template | undefined>();
  readonly #found = new Map<string, Template | undefined>();
  #sets = MOST_SETS;

  constructor(n: number, terms: readonly Term[], asked: readonly Asked[]) {
    this.#all = allBits(n);
    this.#asked = asked;
    this.#terms = [...terms].sort((a, b) => sizeOf(a.template) - sizeOf(b.template));
  }

  /** The smallest template with so many questions at most; undefined: none is found. */
  find(most: number = MOST_QUESTIONS): Template | undefined {
    if (this.#terms.reduce((all, { covers }) => all | covers, 0n) !== this.#all) return undefined;
    const worth = Math.min(most, this.#worth());
    for (let n = 0; n <= Math.min(worth, ALL_WAYS); n++) {
      const found = this.#exactly(this.#all, n);
      if (found !== undefined) return found;
    }
    return worth > ALL_WAYS && this.#least() <= worth + 1 ? this.#greedily(this.#all, worth) : undefined;
  }

  /** So many questions say less than what they explain; with more of them anything could be explained. */
  #worth(): number {
    const bitsOfQuestion = Math.log2(this.#asked.length + 1) + 1;
    return Math.max(1, Math.floor(this.#mixed(this.#all) / bitsOfQuestion));
  }

  /** So many terms it takes at least to cover everything, by and large. */
  #least(): number {
    let [rest, n] = [this.#all, 0];
    for (const { covers } of [...this.#terms].sort((a, b) => countBits(b.covers) - countBits(a.covers))) {
      if ((rest & covers) === 0n) continue;
      rest &= ~covers;
      n++;
    }
    return n / 2;
  }

  /** The one template for all of a set. */
  #leaf(set: bigint): Template | undefined {
    if (this.#leaves.has(set)) return this.#leaves.get(set);
    const found = this.#terms.find(({ covers }) => (set & ~covers) === 0n)?.template;
    this.#leaves.set(set, found);
    return found;
  }

  #exactly(set: bigint, n: number): Template | undefined {
    const one = this.#leaf(set);
    if (one !== undefined || n === 0) return one;
    const key = `${n}:${set}`;
    if (this.#found.has(key)) return this.#found.get(key);
    let best: Template | undefined;
    for (const { question, yes } of this.#asked) {
      const [in_, out] = [set & yes, set & ~yes];
      if (in_ === 0n || out === 0n) continue;
      for (let left = 0; left < n; left++) {
        // the side with fewer questions is sooner said to have none
        const [few, many] = left * 2 < n ? [in_, out] : [out, in_];
        const one = this.#exactly(few, Math.min(left, n - 1 - left));
        const other = one && this.#exactly(many, Math.max(left, n - 1 - left));
        const [met, otherwise] = few === in_ ? [one, other] : [other, one];
        if (met !== undefined && otherwise !== undefined)
          best = smaller(best, { form: 'if', question, met, otherwise });
      }
    }
    this.#found.set(key, best);
    return best;
  }

  #greedily(set: bigint, most: number): Template | undefined {
    const one = this.#leaf(set);
    if (one !== undefined || most === 0 || this.#sets-- <= 0) return one;
    const key = `g${most}:${set}`;
    if (this.#found.has(key)) return this.#found.get(key);
    const rated = this.#asked.flatMap((asked) => {
      const [in_, out] = [set & asked.yes, set & ~asked.yes];
      return in_ === 0n || out === 0n ? [] : [{ asked, in_, out, tells: this.#mixed(in_) + this.#mixed(out) }];
    });
    rated.sort((a, b) => a.tells - b.tells);
    let best: Template | undefined;
    for (const { asked, in_, out } of rated.slice(0, MOST_TRIED)) {
      const met = this.#greedily(in_, most - 1);
      const otherwise = met && this.#greedily(out, most - 1);
      if (met !== undefined && otherwise !== undefined)
        best = smaller(best, { form: 'if', question: asked.question, met, otherwise });
    }
    this.#found.set(key, best);
    return best;
  }

  /** How far a set is from having one template: its entropy, of each scope counted to the term that covers most. */
  #mixed(set: bigint): number {
    let [rest, sum] = [set, 0];
    const n = countBits(set);
    while (rest !== 0n) {
      let most = 0n;
      let count = 0;
      for (const { covers } of this.#terms) {
        const counted = countBits(rest & covers);
        if (counted > count) [most, count] = [rest & covers, counted];
      }
      if (count === 0) break;
      sum += count * Math.log2(n / count);
      rest &= ~most;
    }
    return sum;
  }
}

/** A question that holds for exactly some of the scopes; undefined: none is found. */
export function separate(
  scopes: readonly Scope[],
  isMeant: (i: number) => boolean,
  asked: readonly Asked[],
  most?: number,
): Predicate | undefined {
  const meant = bitsOf(scopes, (_, i) => isMeant(i));
  const terms: Term[] = [
    { template: YES, covers: meant },
    { template: NO, covers: allBits(scopes.length) ^ meant },
  ];
  const tree = new Decision(scopes.length, terms, asked).find(most);
  const question = tree && asQuestion(tree);
  return typeof question === 'boolean' ? undefined : question;
}

const YES: Template = { form: 'constant', value: true };
const NO: Template = { form: 'constant', value: false };

/** A tree of yes and no as one question. */
function asQuestion(tree: Template): Predicate | boolean {
  if (tree.form !== 'if') return tree === YES;
  const { question } = tree;
  const [met, otherwise] = [asQuestion(tree.met), asQuestion(tree.otherwise)];
  if (met === true && otherwise === false) return question;
  if (met === false && otherwise === true) return negated(question);
  if (otherwise === false) return { is: 'all', of: [question, met as Predicate] };
  if (met === true) return { is: 'any', of: [question, otherwise as Predicate] };
  if (otherwise === true) return { is: 'any', of: [negated(question), met as Predicate] };
  if (met === false) return { is: 'all', of: [negated(question), otherwise as Predicate] };
  const sides: Predicate[] = [
    { is: 'all', of: [question, met as Predicate] },
    { is: 'all', of: [negated(question), otherwise as Predicate] },
  ];
  return { is: 'any', of: sides };
}

/** The opposite of a question. */
export function negated(question: Predicate): Predicate {
  return question.is === 'not' ? question.of : { is: 'not', of: question };
}

function smaller(a: Template | undefined, b: Template): Template {
  return a === undefined || sizeOf(b) < sizeOf(a) ? b : a;
}

import type { Finding } from '../verdict/finding.ts';
import { differsBy, linesOf, type Probe } from './probe.ts';
import { freshName, type Metadata, type Subject, tryOut } from './subject.ts';

/** Longer than what is made here otherwise, and short enough for labels, also with something behind it. */
const LONG = 48;

const AS_USUAL = 'it has usual ';
/** What operators are mostly told by annotations and labels, below the name of their group. */
const USUAL = ['paused', 'pause', 'disabled', 'ignore', 'skip', 'skip-reconcile', 'debug', 'force'];

/**
 * The resource has a long name, and labels and annotations: does it come to something else than by having these in it, and to
 * the same when it is made so once more?
 */
export const metadata: Probe = async (context) => {
  const { session, subject } = context;
  const evidence: string[] = [];
  const random: string[] = [];
  const name = `x-${freshName()}`.padStart(LONG, 'x');
  const ways: readonly { readonly words: string; readonly as: Metadata }[] = [
    { words: 'its name is long', as: { name } },
    { words: 'it has a label', as: { labels: { 'audit.nekube.dev/label': 'one' } } },
    ...usual(subject),
    { words: 'it has an annotation', as: { annotations: { 'audit.nekube.dev/annotation': 'one' } } },
  ];
  for (const { words, as } of ways) {
    const trial = await tryOut(session, subject, undefined, as);
    const isNothing = trial.outcome.size === 0 && words.startsWith(AS_USUAL);
    const differs = isNothing ? ['nothing is made'] : differsBy(context, trial, words);
    evidence.push(...differs.map((line) => `${words}: ${line}`));
    if (differs.length === 0 || isNothing) continue;
    const again = await tryOut(session, subject, undefined, as);
    random.push(...linesOf(context, trial.outcome, again.outcome).map((line) => `${words}: ${line}`));
  }
  const probe = 'the resource has another name, label, annotation';
  const tell = (aspect: Finding['aspect'], of: readonly string[]): Finding[] =>
    of.length === 0 ? [] : [{ aspect, probe, evidence: of }];
  return [...tell('uses-metadata', evidence), ...tell('random', random)];
};

/** All at once: which of them it is can be tried by who wants to know. */
function usual({ group }: Subject): readonly { readonly words: string; readonly as: Metadata }[] {
  const values = Object.fromEntries(USUAL.map((word) => [`${group}/${word}`, 'true']));
  const words = USUAL.join(', ');
  return [
    { words: `${AS_USUAL}annotations (${group}/ with ${words})`, as: { annotations: values } },
    { words: `${AS_USUAL}labels (${group}/ with ${words})`, as: { labels: values } },
  ];
}

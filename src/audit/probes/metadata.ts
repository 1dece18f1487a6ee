import type { Finding } from '../verdict/finding.ts';
import { differsBy, linesOf, type Probe } from './probe.ts';
import { freshName, tryOut } from './subject.ts';

/** Longer than what is made here otherwise, and short enough for labels, also with something behind it. */
const LONG = 48;

/**
 * The resource has a long name, and labels and annotations: does it come to something else than by having these in it, and to
 * the same when it is made so once more?
 */
export const metadata: Probe = async (context) => {
  const { session, subject } = context;
  const evidence: string[] = [];
  const random: string[] = [];
  const name = `x-${freshName()}`.padStart(LONG, 'x');
  const ways = [
    { words: 'its name is long', as: { name } },
    { words: 'it has a label', as: { labels: { 'audit.nekube.dev/label': 'one' } } },
    { words: 'it has an annotation', as: { annotations: { 'audit.nekube.dev/annotation': 'one' } } },
  ];
  for (const { words, as } of ways) {
    const trial = await tryOut(session, subject, undefined, as);
    const differs = differsBy(context, trial, words);
    evidence.push(...differs.map((line) => `${words}: ${line}`));
    if (differs.length === 0) continue;
    const again = await tryOut(session, subject, undefined, as);
    random.push(...linesOf(context, trial.outcome, again.outcome).map((line) => `${words}: ${line}`));
  }
  const probe = 'the resource has another name, label, annotation';
  const tell = (aspect: Finding['aspect'], of: readonly string[]): Finding[] =>
    of.length === 0 ? [] : [{ aspect, probe, evidence: of }];
  return [...tell('uses-metadata', evidence), ...tell('random', random)];
};

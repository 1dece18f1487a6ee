import { differencesOf, type OutcomeDifference } from '../observe/outcome.ts';
import type { Finding } from '../verdict/finding.ts';
import { shownDifference } from '../observe/shown-difference.ts';
import type { ProbeContext } from './probe.ts';
import { tryOut, WORDS } from './subject.ts';

/** How often the same resource is made, besides the first time. */
const TIMES = 2;

/** What it takes: nothing is known of what differs each time. */
type Repeated = Pick<ProbeContext, 'session' | 'subject' | 'base'>;

/** What a repetition shows. */
export interface RepeatReport {
  readonly findings: readonly Finding[];
  /** The places that differ each time, as {@link shownDifference} has them. */
  readonly random: ReadonlySet<string>;
}

/** The same resource in fresh namespaces, by other names: does it come to the same? */
export async function probeRepeat({ session, subject, base }: Repeated): Promise<RepeatReport> {
  const probe = `the same resource in ${TIMES + 1} namespaces, by other names`;
  if (base.outcome.size === 0) {
    return { findings: [{ aspect: 'nothing', probe, evidence: ['it wrote no object'] }], random: new Set() };
  }
  const differences: OutcomeDifference[] = [];
  for (let i = 0; i < TIMES; i++)
    differences.push(...differencesOf(base.outcome, (await tryOut(session, subject)).outcome));
  const foreign = [...base.outcome.values()].filter(({ ref }) => ![WORDS.namespace, ''].includes(ref.namespace));
  const isInSecret = ({ ref, path }: OutcomeDifference): boolean =>
    ref.group === '' && ref.resource === 'secrets' && /^\/(data|stringData)\//.test(path);
  const findings: Finding[] = [];
  const tell = (aspect: Finding['aspect'], of: readonly string[]): void => {
    if (of.length > 0) findings.push({ aspect, probe, evidence: [...new Set(of)] });
  };
  tell('random', differences.filter((one) => !isInSecret(one)).map(shownDifference));
  tell('random-secret', differences.filter(isInSecret).map(shownDifference));
  tell(
    'foreign-namespace',
    foreign.map(({ ref }) => `${ref.resource} ${ref.namespace}/${ref.name}`),
  );
  if (differences.length === 0) tell('stable', [`${base.outcome.size} objects are written alike`]);
  return { findings, random: new Set(differences.map(shownDifference)) };
}

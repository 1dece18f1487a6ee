import { stringifyYaml } from 'nekube/apimachinery';
import { type Finding, type Kep, kepObject, type Reference } from 'nekube/kep';
import { CliError, type Io } from '../io.ts';
import { formatTable } from '../table.ts';
import type { ShowFlags } from './show-command.ts';
import { withKeps } from './source.ts';

/**
 * Prints a KEP; several that share a number one after another.
 *
 * @throws CliError: there is none
 */
export async function showKep(wanted: string, flags: ShowFlags, io: Io): Promise<void> {
  const { keps, findings } = await withKeps(flags, io, (content) => content);
  const found = keps.filter((kep) => isMeant(kep, wanted.replace(/^\/|\/$/g, '')));
  if (found.length === 0)
    throw new CliError(`There is no KEP ${JSON.stringify(wanted)}`, {
      hint: 'name its number, or its folder; nekube kep list WORD finds them by words',
    });
  if (flags.output === 'json')
    return io.stdout(found.map((kep) => `${JSON.stringify(kepObject(kep), null, 2)}\n`).join(''));
  if (flags.output === 'yaml') return io.stdout(found.map((kep) => stringifyYaml(kepObject(kep))).join('---\n'));
  const texts = found.map((kep) => describe(kep, findings.get(kep.name) ?? []));
  io.stdout(texts.join('\n'));
}

function isMeant({ number, name, path }: Kep, wanted: string): boolean {
  // one that does not parse has no number but that of its folder
  const digits = String(number ?? /^\d+(?=-)/.exec(name)?.[0]);
  return [digits, name, name.replace(/^\d+-/, ''), path].includes(wanted) || path.endsWith(`/${wanted}`);
}

function describe(kep: Kep, findings: readonly Finding[]): string {
  const { number, title, written, milestones } = kep;
  const lines: readonly (readonly [name: string, value: string | undefined])[] = [
    ['Status', kep.status ?? written['status']],
    ['Stage', kep.stage ?? written['stage']],
    ['SIG', kep.owningSig],
    ['Participating', kep.participatingSigs.join(', ')],
    ['Latest milestone', kep.latestMilestone ?? written['latest-milestone']],
    [
      'Milestones',
      Object.entries(milestones)
        .map(([stage, milestone]) => `${stage} ${milestone}`)
        .join(', '),
    ],
    ['Gates', kep.featureGates.map(({ name, components }) => `${name} (${components.join(', ')})`).join('; ')],
    ['Created', kep.created],
    ['Updated', kep.updated],
    ['Authors', kep.authors.join(', ')],
    ['Reviewers', kep.reviewers.join(', ')],
    ['Approvers', kep.approvers.join(', ')],
    ['Production readiness', kep.readinessApprovers.map(({ stage, approver }) => `${stage} ${approver}`).join(', ')],
    ['See also', references(kep.seeAlso)],
    ['Replaces', references(kep.replaces)],
    ['Superseded by', references(kep.supersededBy)],
    ['Discussion', number ? `https://github.com/kubernetes/enhancements/issues/${number}` : undefined],
    ['Text', kep.readme],
  ];
  const rows = lines.filter(([, value]) => value).map(([name, value]) => [`${name}:`, value!]);
  const odd = findings.filter(({ level }) => level !== 'note').map(({ message }) => ['Odd:', message]);
  return `${number ?? '?'} ${title}\n\n${formatTable([...rows, ...odd])}`;
}

function references(list: readonly Reference[]): string {
  return list.map(({ kep, url, text }) => kep ?? url ?? `${text} (not there)`).join(', ');
}

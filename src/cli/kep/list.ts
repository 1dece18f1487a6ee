import { stringifyYaml } from 'nekube/apimachinery';
import type { Kep } from 'nekube/kep';
import type { Io } from '../io.ts';
import { formatTable } from '../table.ts';
import { kepList } from './kep-list.ts';
import type { ListFlags } from './list-command.ts';
import { filtered, withKeps } from './source.ts';

/**
 * Prints the KEPs that fit.
 *
 * @throws CliError for wrong flags, and where there is no checkout
 */
export async function listKeps(words: readonly string[], flags: ListFlags, io: Io): Promise<void> {
  const keps = await withKeps(flags, io, (content) => filtered(content, words, flags, io));
  if (flags.output === 'json') return io.stdout(`${JSON.stringify(kepList(keps), null, 2)}\n`);
  if (flags.output === 'yaml') return io.stdout(stringifyYaml(kepList(keps)));
  if (flags.output === 'name') return io.stdout(keps.map(({ name }) => `kep.keps.nekube.dev/${name}\n`).join(''));
  if (keps.length === 0) return io.stderr('No KEPs found.\n');
  io.stdout(formatTable([headOf(flags), ...keps.map((kep) => rowOf(kep, flags))]));
}

function headOf({ output }: ListFlags): readonly string[] {
  const plain = ['NUMBER', 'TITLE', 'SIG', 'STATUS', 'STAGE', 'MILESTONE'];
  return output === 'wide' ? [...plain, 'ALPHA', 'BETA', 'STABLE', 'GATES', 'AUTHORS', 'PATH'] : plain;
}

function rowOf(kep: Kep, { output }: ListFlags): readonly string[] {
  const { number, title, owningSig, status, stage, latestMilestone, milestones, written } = kep;
  const plain = [
    number === undefined ? '-' : String(number),
    title,
    owningSig.replace(/^sig-/, '') || '-',
    status ?? `${written['status'] ?? '-'} (?)`,
    stage ?? written['stage'] ?? '-',
    latestMilestone ?? '-',
  ];
  if (output !== 'wide') return plain;
  const { alpha = '-', beta = '-', stable = '-' } = milestones;
  const gates = kep.featureGates.map(({ name }) => name).join(',') || '-';
  return [...plain, alpha, beta, stable, gates, kep.authors.join(',') || '-', kep.path];
}

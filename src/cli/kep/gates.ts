import { type CodeOfRelease, gatePromises, type GatePromise, type Kep, type SiteContent } from 'nekube/kep';
import { CliError, type Io } from '../io.ts';
import { formatTable } from '../table.ts';
import type { GatesFlags } from './gates-command.ts';
import { codeOf, FEATURE_LIST } from './features.ts';
import { filtered, withKeps } from './source.ts';

/**
 * Prints feature gates with what KEPs promise and what the code has.
 *
 * @throws CliError for wrong flags, a list that is none, and where there is no checkout
 */
export async function printGates(words: readonly string[], flags: GatesFlags, io: Io): Promise<void> {
  const file = flags.features === undefined ? undefined : await codeOf(flags.features, flags.release, io);
  const { keps, wanted, code } = await withKeps(flags, io, (content) => ({
    keps: content.keps,
    wanted: filtered(content, words, flags, io),
    code: file ?? codeIn(content),
  }));
  const { gates, release } = code;
  const rows = gatePromises(keps, gates, release).filter(
    (row) =>
      (wanted.length === keps.length || row.keps.some((kep) => wanted.includes(kep))) &&
      (!flags.mismatches || row.mismatches.length > 0),
  );
  if (flags.output === 'json') {
    const items = rows.map(({ keps: own, ...row }) => ({ ...row, keps: own.map(({ name }) => name) }));
    return io.stdout(`${JSON.stringify({ release, gates: items }, null, 2)}\n`);
  }
  if (rows.length === 0) return io.stderr('No gates found.\n');
  io.stdout(formatTable([['GATE', 'KEP', 'PROMISED', 'CODE', 'MISMATCH'], ...rows.map(rowOf)]));
}

/** What was brought to the server. */
function codeIn({ codeGates, release, source }: SiteContent): CodeOfRelease {
  if (codeGates !== undefined && release !== undefined) return { gates: codeGates, release };
  if (source.codeDenied !== undefined) throw new CliError(source.codeDenied);
  throw new CliError('There is no list of features to hold the KEPs against', {
    hint: `curl -O ${FEATURE_LIST}, and name it by --features`,
  });
}

function rowOf({ gate, keps, code, mismatches }: GatePromise): readonly string[] {
  // a list has a stage again where only its default changed
  const stages = code?.stages
    .filter(({ stage }, i, all) => stage !== all[i - 1]?.stage)
    .map(({ stage, release }) => `${stage} ${release}`)
    .join(', ');
  const numbers = keps.map(({ number, name }) => (number ? String(number) : name));
  return [
    gate,
    numbers.join(',') || '-',
    keps.map(promised).join('; ') || '-',
    stages ?? 'not there',
    mismatches.map(({ message }) => message).join('; ') || '-',
  ];
}

function promised({ milestones }: Kep): string {
  return Object.entries(milestones)
    .map(([stage, milestone]) => `${stage} ${milestone}`)
    .join(', ');
}

import { gatePromises, type GatePromise, type Kep, releaseOf } from 'nekube/kep';
import { CliError, type Io } from '../io.ts';
import { formatTable } from '../table.ts';
import type { GatesFlags } from './gates-command.ts';
import { featuresOf, releaseFlag } from './features.ts';
import { filtered, withKeps } from './source.ts';

/**
 * Prints feature gates with what KEPs promise and what the code has.
 *
 * @throws CliError for wrong flags, a list that is none, and where there is no checkout
 */
export async function printGates(words: readonly string[], flags: GatesFlags, io: Io): Promise<void> {
  const gates = await featuresOf(flags.features, io);
  const release = releaseFlag(flags.release) ?? releaseOf(gates);
  if (release === undefined) throw new CliError(`${flags.features} has no features`);
  const { keps, wanted } = await withKeps(flags, io, (content) => ({
    keps: content.keps,
    wanted: filtered(content, words, flags, io),
  }));
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

function rowOf({ gate, keps, code, mismatches }: GatePromise): readonly string[] {
  const stages = code?.stages.map(({ stage, release }) => `${stage} ${release}`).join(', ');
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

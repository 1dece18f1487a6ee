import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isParseError } from 'nekube/apimachinery';
import { type CodeGate, gatePromises, type GatePromise, type Kep, readFeatureList, releaseOf } from 'nekube/kep';
import { CliError, type Io, messageOf } from '../io.ts';
import { formatTable } from '../table.ts';
import type { GatesFlags } from './gates-command.ts';
import { filtered, withKeps } from './source.ts';

/** Where the list is; every release has its branch. */
const FEATURE_LIST =
  'https://raw.githubusercontent.com/kubernetes/kubernetes/release-1.36/test/compatibility_lifecycle/reference/versioned_feature_list.yaml';

/**
 * Prints feature gates with what KEPs promise and what the code has.
 *
 * @throws CliError for wrong flags, a list that is none, and where there is no checkout
 */
export async function printGates(words: readonly string[], flags: GatesFlags, io: Io): Promise<void> {
  const gates = await featuresOf(flags, io);
  const release = flags.release ?? releaseOf(gates);
  if (release === undefined) throw new CliError(`${flags.features} has no features`);
  if (!/^v?1\.\d+$/.test(release))
    throw new CliError(`--release must be a release as v1.36, not ${JSON.stringify(release)}`);
  const { keps, wanted } = await withKeps(flags, io, (content) => ({
    keps: content.keps,
    wanted: filtered(content, words, flags, io),
  }));
  const rows = gatePromises(keps, gates, `v${release.replace(/^v/, '')}`).filter(
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

async function featuresOf({ features }: GatesFlags, io: Io): Promise<readonly CodeGate[]> {
  try {
    const text = features === '-' ? ((await io.stdin?.()) ?? '') : readFileSync(resolve(io.cwd, features), 'utf8');
    return readFeatureList(text);
  } catch (error) {
    if (isParseError(error)) throw new CliError(`${features}: ${error.message}`, { cause: error });
    throw new CliError(messageOf(error, features), {
      hint: `fetch it, for one release: ${FEATURE_LIST}`,
      cause: error,
    });
  }
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

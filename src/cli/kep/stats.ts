import { type JsonObject, stringifyYaml } from 'nekube/apimachinery';
import { type Counts, type Facet, facetsOf, type KepStats, STAGES, statsOf } from 'nekube/kep';
import type { Io } from '../io.ts';
import { formatTable } from '../table.ts';
import { filterable, filtered, filterOf, withKeps } from './source.ts';
import type { StatsFlags } from './stats-command.ts';

/**
 * Prints how many KEPs have which status, stage, SIG and milestone.
 *
 * @throws CliError for wrong flags, and where there is no checkout
 */
export async function printStats(words: readonly string[], flags: StatsFlags, io: Io): Promise<void> {
  if (flags.facets) return printFacets(words, flags, io);
  const stats = statsOf(await withKeps(flags, io, (content) => filtered(content, words, flags, io)));
  if (flags.output === 'json') return io.stdout(`${JSON.stringify(stats, null, 2)}\n`);
  if (flags.output === 'yaml') return io.stdout(stringifyYaml(stats as unknown as JsonObject));
  io.stdout(statsText(stats));
}

/** Counts of each field without its own terms: what another value would give. */
async function printFacets(words: readonly string[], flags: StatsFlags, io: Io): Promise<void> {
  const filter = filterOf(words, flags);
  const facets = await withKeps(flags, io, (content) => {
    const { keps, isStale } = filterable(content, filter);
    return facetsOf(keps, filter, isStale);
  });
  const shown = Object.fromEntries(facets.map(({ field, values }) => [field, countsOf(values)]));
  if (flags.output === 'json') return io.stdout(`${JSON.stringify(shown, null, 2)}\n`);
  if (flags.output === 'yaml') return io.stdout(stringifyYaml(shown as JsonObject));
  io.stdout(
    Object.entries(shown)
      .map(([field, counts]) => counted(field.toUpperCase(), counts))
      .join('\n'),
  );
}

function countsOf(values: Facet['values']): Counts {
  return Object.fromEntries(values.map(({ value, count }) => [value, count]));
}

function statsText({ total, status, stage, owningSig, latestMilestone, milestone, invalid }: KepStats): string {
  const minor = (release: string): number => (release === 'none' ? Infinity : Number(release.slice('v1.'.length)));
  const releases = Object.keys({ ...latestMilestone, ...milestone }).sort((a, b) => minor(a) - minor(b));
  const stages = STAGES.filter((one) => Object.values(milestone).some((counts) => counts[one] !== undefined));
  const rows = releases.map((release) => [
    release,
    String(latestMilestone[release] ?? '-'),
    ...stages.map((one) => String(milestone[release]?.[one] ?? '-')),
  ]);
  const byRelease = [['RELEASE', 'LATEST', ...stages.map((one) => one.toUpperCase())], ...rows];
  const right = byRelease[0]!.map((_, i) => i).slice(1);
  return [
    `${total} KEPs\n`,
    counted('STATUS', status),
    counted('STAGE', stage),
    counted('OWNING SIG', owningSig),
    formatTable(byRelease, { right }),
    ...Object.entries(invalid)
      .filter(([, counts]) => Object.keys(counts).length > 0)
      .map(([field, counts]) => counted(`NO ${field.toUpperCase()}`, counts)),
  ].join('\n');
}

function counted(name: string, counts: Counts): string {
  const rows = Object.entries(counts).map(([value, count]) => [value, String(count)]);
  return formatTable([[name, 'KEPS'], ...rows], { right: [1] });
}

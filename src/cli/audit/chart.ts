import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type JsonObject, type KubeObject, stringifyJson } from 'nekube/apimachinery';
import {
  chartFiles,
  chartOfOperator,
  type ChartResult,
  type FoundChart,
  isNoChart,
  mostWrong,
  sampleOfDefinition,
} from 'nekube/audit';
import { CliError, type Io, NegativeFinding } from '../io.ts';
import type { ChartFlags } from './chart-command.ts';
import { heldOutText, refusalText } from './chart-text.ts';
import { replaceFolder } from './chart-write.ts';
import { helmAtHand, type Trial, tryWithHelm } from './helm.ts';
import { operatorOf, orCliError } from './operator.ts';
import { oneOf } from './operator-kinds.ts';
import { type ManifestFlags, type OperatorManifests, readOperatorManifests } from './operator-manifests.ts';
import { printable } from '../printable.ts';
import { progressOn } from '../progress.ts';

/**
 * Makes a chart of an operator, and writes it.
 *
 * @throws CliError: the operator could not be started, or ended by itself; the chart's place is taken
 * @throws NegativeFinding: there is no chart, or Helm renders something else with it
 */
export async function makeChart(command: readonly string[], flags: ChartFlags, io: Io): Promise<void> {
  const manifests = await readOperatorManifests(manifestFlags(flags), io);
  const { sample, isSampleMade } = sampleFor(manifests, flags.sample !== undefined);
  const name = nameFor(flags, sample);
  const folder = await folderFor(flags, name, io);
  const helm = await helmAtHand(flags.helm, io);
  const { step: tell } = progressOn(io, 'plain');
  const { found, subject, leftOut } = await chartOf(command, { ...manifests, sample, isSampleMade }, flags, io, tell);
  for (const one of leftOut) io.stderr(`note: ${printable(one)}\n`);
  if (isNoChart(found)) {
    if (flags.output === 'json')
      io.stdout(`${stringifyJson({ found: false, ...found, leftOut } as unknown as JsonObject)}\n`);
    else io.stdout(refusalText(found));
    throw new NegativeFinding(`there is no chart: ${found.place}: ${found.why}`);
  }
  const files = chartFiles(found, { name, sample: subject.sample, ...(subject.schema && { schema: subject.schema }) });
  const trial = await tried(found, files, helm, io, tell);
  if (flags.output === 'json') io.stdout(`${stringifyJson(jsonOf({ name, found, leftOut }, files, trial))}\n`);
  else io.stdout(heldOutText(found, trial, flags.heldOut));
  const [failure] = trial.failures;
  if (failure !== undefined) throw new NegativeFinding(`the chart is not written: ${failure.place} is wrong with it`);
  if (folder === undefined) return;
  await replaceFolder(folder, files);
  io.stdout(`The chart is in ${folder}; MIGRATION.md there says how to move.\n`);
}

function manifestFlags({ manifests, sample, kind, serviceaccount }: ChartFlags): ManifestFlags {
  return {
    manifests,
    ...(sample !== undefined && { sample: [sample] }),
    ...(kind !== undefined && { kind: [kind] }),
    ...(serviceaccount !== undefined && { serviceaccount }),
  };
}

/** The resource that a chart is made for. */
interface Sampled {
  readonly sample: KubeObject;
  /** By the schema, since none was given. */
  readonly isSampleMade: boolean;
}

/** @throws CliError: it is not clear of which kind, or nothing says how one looks */
function sampleFor({ samples, definitions }: OperatorManifests, isNamed: boolean): Sampled {
  if (definitions.length > 1 && !isNamed)
    throw new CliError(`The manifests define ${definitions.length} kinds, and a chart is for one`, {
      hint: oneOf(definitions),
    });
  const [given] = samples;
  const sample = given ?? (definitions[0] && sampleOfDefinition(definitions[0]));
  if (sample === undefined)
    throw new CliError('There is no resource to probe the operator with', { hint: '--sample FILE' });
  return { sample, isSampleMade: given === undefined };
}

/** How the chart is called. @throws CliError: Helm would not have it */
function nameFor(flags: ChartFlags, { kind = 'chart' }: KubeObject): string {
  const name = flags.name ?? kind.toLowerCase();
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new CliError(`A chart cannot be called ${JSON.stringify(name)}`, { hint: '--name, in small letters' });
  return name;
}

/** Where the chart goes; undefined: it is printed. @throws CliError: something is there */
async function folderFor({ output, force }: ChartFlags, name: string, { cwd }: Io): Promise<string | undefined> {
  if (output === 'json') return undefined;
  const folder = resolve(cwd, output ?? name);
  if (!force && (await isThere(folder)))
    throw new CliError(`${folder} is there already`, { hint: '-o DIR, or --force to replace it' });
  return folder;
}

async function isThere(folder: string): Promise<boolean> {
  return await access(folder).then(
    () => true,
    () => false,
  );
}

async function chartOf(
  command: readonly string[],
  manifests: OperatorManifests & Sampled,
  flags: ChartFlags,
  io: Io,
  onProgress: (text: string) => void,
): Promise<ChartResult> {
  const { objects, services, sample, isSampleMade } = manifests;
  const { budget: budgetMs, quiet: quietMs, seed, heldOut, examples } = flags;
  return await orCliError(
    chartOfOperator(operatorOf(command, manifests, io), {
      manifests: objects,
      services,
      sample,
      isSampleMade,
      budgetMs,
      quietMs,
      longestMs: budgetMs / 2,
      seed,
      heldOut,
      examples,
      signal: io.signal,
      onProgress,
    }),
  );
}

/** The resources that were held out, by Helm where it is at hand; else as they were tried without it. */
async function tried(
  found: FoundChart,
  files: ReadonlyMap<string, string>,
  helm: string | undefined,
  io: Io,
  tell: (text: string) => void,
): Promise<Trial> {
  const { tried: n } = found.heldOut;
  if (helm === undefined) return { by: 'evaluation', tried: n, failures: [], mostWrong: mostWrong(0, n) };
  tell(`${found.heldOut.examples.length} resources are rendered by Helm`);
  return await tryWithHelm(helm, files, found, io.signal);
}

function jsonOf(
  { name, found, leftOut }: { readonly name: string; readonly found: FoundChart } & Pick<ChartResult, 'leftOut'>,
  files: ReadonlyMap<string, string>,
  trial: Trial,
): JsonObject {
  return {
    found: trial.failures.length === 0,
    name,
    examples: found.examples,
    madeOnce: found.madeOnce,
    untried: found.untried,
    leftOut,
    notCompared: found.heldOut.silent,
    heldOut: { tried: trial.tried, failures: trial.failures.length, mostWrong: trial.mostWrong, by: trial.by },
    ...(trial.failures.length > 0 && { counterexamples: trial.failures }),
    files: Object.fromEntries(files),
  } as unknown as JsonObject;
}

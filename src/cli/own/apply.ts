import { resolve } from 'node:path';
import { parseDuration } from 'nekube/apimachinery';
import { type Client, systemClock } from 'nekube/client';
import { writeWhole } from 'nekube/files';
import {
  applyManifests,
  type ApplyReport,
  type ApplyRunOptions,
  ApplySetError,
  type Decide,
  exitCodeOf,
  membershipProblems,
  newDecidedWriter,
  reportMarkdown,
  reportText,
  resolveParent,
} from 'nekube/ownership';
import { withCluster } from '../cluster.ts';
import { CliError, type Io, messageOf, NegativeFinding } from '../io.ts';
import { ownVersion } from '../own-version.ts';
import { printableLines } from '../printable.ts';
import type { ApplyFlags } from './apply-command.ts';
import { showProgress } from './apply-progress.ts';
import { decideIn, givenDecisions } from './decision-flags.ts';
import { manifestsOf, placedManifests } from './manifest-files.ts';

const CONSEQUENCE = 'nothing was applied';

/** Applies files, prints the report, and fails by how it ended. */
export async function apply(flags: ApplyFlags, io: Io): Promise<void> {
  const numbers = checkedFlags(flags);
  const given = await givenDecisions(flags, io);
  const manifests = await manifestsOf(flags, io, CONSEQUENCE);
  const check = flags.prune ? membershipProblems : undefined;
  const report = await withCluster(flags, io, async (client) => {
    const placed = await placedManifests(client, manifests, flags, CONSEQUENCE, check);
    const decide = await decideIn(client, given, io);
    const options = { ...(await runOptions(client, flags, decide, io)), ...numbers };
    return applyManifests(client, placed, options).catch(asCliError);
  });
  tell(report, flags, io);
  end(report);
}

/** @throws CliError before anything is read */
function checkedFlags(flags: ApplyFlags): Pick<ApplyRunOptions, 'parallel' | 'wait'> {
  if (flags.applyset !== undefined && !flags.prune) throw new CliError('--applyset requires --prune');
  if (flags.prune && flags.applyset === undefined)
    throw new CliError('--prune requires --applyset', { hint: 'name the set that is pruned, as in --applyset web' });
  const parallel = Number(flags.parallel);
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > 256)
    throw new CliError(`--parallel ${flags.parallel}: it must be a number from 1 to 256`);
  return { parallel, ...(flags.wait && { wait: { timeoutMs: timeoutMs(flags.timeout) } }) };
}

function timeoutMs(text: string): number {
  try {
    const ms = Number(parseDuration(text) / 1_000_000n);
    if (ms > 0) return ms;
  } catch {
    // told below
  }
  throw new CliError(`--timeout ${text}: it must be a duration above 0, as in 90s or 1h30m`);
}

async function runOptions(
  client: Client,
  flags: ApplyFlags,
  decide: Decide,
  io: Io,
): Promise<Omit<ApplyRunOptions, 'parallel' | 'wait'>> {
  const { manager, planOnly, dryRun, applyset, applysetNamespace, namespace, applysetTooling } = flags;
  const parent =
    applyset === undefined
      ? undefined
      : await resolveParent(client, applyset, applysetNamespace ?? namespace).catch(asCliError);
  const tooling = { name: applysetTooling, version: `v${ownVersion()}` };
  return {
    manager,
    mode: planOnly || dryRun !== undefined ? 'plan' : 'apply',
    writer: newDecidedWriter(client, { fieldManager: manager, decide }),
    clock: systemClock,
    random: Math.random,
    signal: io.signal,
    ...(parent !== undefined && { applySet: { parent, tooling } }),
    ...(io.columns !== undefined && { onProgress: showProgress(io) }),
  };
}

function asCliError(error: unknown): never {
  if (error instanceof ApplySetError) throw new CliError(error.message, { cause: error });
  throw error;
}

function tell(report: ApplyReport, { output, report: files = [] }: ApplyFlags, io: Io): void {
  io.stdout(FORMATS[output](report));
  for (const file of files) {
    const format = file.endsWith('.json') ? 'json' : file.endsWith('.md') ? 'markdown' : 'text';
    try {
      writeWhole(resolve(io.cwd, file), FORMATS[format](report), { mode: 0o644 });
    } catch (error) {
      throw new CliError(messageOf(error, file), { cause: error });
    }
  }
}

const FORMATS: Readonly<Record<ApplyFlags['output'], (report: ApplyReport) => string>> = {
  text: (report) => printableLines(reportText(report)),
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  markdown: (report) => printableLines(reportMarkdown(report)),
};

function end(report: ApplyReport): void {
  const code = exitCodeOf(report);
  if (code === 1)
    throw new NegativeFinding(report.outcome === 'conflicts' ? 'there are conflicts' : 'not all objects became ready');
  if (code === 2) throw new CliError(report.outcome === 'interrupted' ? 'Interrupted' : 'Cannot apply all objects');
}

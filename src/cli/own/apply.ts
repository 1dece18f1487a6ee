import { resolve } from 'node:path';
import { parseDuration } from 'nekube/apimachinery';
import { type Client, systemClock } from 'nekube/client';
import { writeWhole } from 'nekube/files';
import {
  applyManifests,
  type ApplyReport,
  type ApplyRunOptions,
  ApplySetError,
  decideByFlags,
  exitCodeOf,
  type FlagDecision,
  forceConflicts,
  heedConflicts,
  type Manifest,
  membershipProblems,
  newDecidedWriter,
  parseFlagDecision,
  placeManifests,
  readManifests,
  reportMarkdown,
  reportText,
  resolveParent,
  scopesOf,
} from 'nekube/ownership';
import { withCluster } from '../cluster.ts';
import { type FileDocument, readDocuments } from '../documents.ts';
import { CliError, type Io, messageOf, NegativeFinding } from '../io.ts';
import { filesIn } from '../object-files.ts';
import { ownVersion } from '../own-version.ts';
import type { ApplyFlags } from './apply-command.ts';
import { showProgress } from './apply-progress.ts';

/** Applies files, prints the report, and fails by how it ended. */
export async function apply(flags: ApplyFlags, io: Io): Promise<void> {
  const numbers = checkedFlags(flags);
  decisionsOf(flags);
  const documents = await readAll(flags, io);
  const { manifests, problems } = readManifests(documents);
  throwProblems(problems);
  if (manifests.length === 0) throw new CliError('There are no objects in the files', { hint: 'name others with -f' });
  const report = await withCluster(flags, io, async (client) => {
    const placed = await placedManifests(client, manifests, flags);
    const options = { ...(await runOptions(client, flags, io)), ...numbers };
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

/** All documents of all files, or all that cannot be read of them. */
async function readAll({ filename, recursive = false }: ApplyFlags, io: Io): Promise<FileDocument[]> {
  const documents: FileDocument[] = [];
  const problems: string[] = [];
  for (const named of filename) {
    for (const file of await filesIn(named, recursive, io)) {
      try {
        documents.push(...(await readDocuments(file, io)));
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        problems.push(error.message);
      }
    }
  }
  throwProblems(problems);
  return documents;
}

/** @throws CliError that tells all of them */
function throwProblems(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new CliError([...problems, 'nothing was applied'].join('\n'));
}

async function placedManifests(
  client: Client,
  manifests: readonly Manifest[],
  flags: ApplyFlags,
): Promise<readonly Manifest[]> {
  const scopeOf = await scopesOf(client, manifests);
  const choice = { namespace: client.defaultNamespace, enforced: flags.namespace !== undefined };
  const placed = placeManifests(manifests, scopeOf, choice);
  throwProblems([...placed.problems, ...(flags.prune ? membershipProblems(placed.manifests) : [])]);
  return placed.manifests;
}

async function runOptions(
  client: Client,
  flags: ApplyFlags,
  io: Io,
): Promise<Omit<ApplyRunOptions, 'parallel' | 'wait'>> {
  const { manager, planOnly, dryRun, applyset, applysetNamespace, namespace, applysetTooling } = flags;
  const decide = decideByFlags(decisionsOf(flags), flags.forceConflicts ? forceConflicts : heedConflicts);
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

/** @throws CliError */
function decisionsOf({ decide = [] }: ApplyFlags): FlagDecision[] {
  return decide.map((text) => {
    const read = parseFlagDecision(text);
    if (typeof read === 'string') throw new CliError(`--decide: ${read}`);
    return read;
  });
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
  text: reportText,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  markdown: reportMarkdown,
};

function end(report: ApplyReport): void {
  const code = exitCodeOf(report);
  if (code === 1)
    throw new NegativeFinding(report.outcome === 'conflicts' ? 'there are conflicts' : 'not all objects became ready');
  if (code === 2) throw new CliError(report.outcome === 'interrupted' ? 'Interrupted' : 'Cannot apply all objects');
}

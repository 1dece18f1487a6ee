import { isStatusError, type JsonValue, stringifyJson } from 'nekube/apimachinery';
import { type Client, isNoMatchError } from 'nekube/client';
import { type ApplyConflict, CALLER_DECISIONS, type FieldDecision } from 'nekube/fieldpolicy';
import { type Answers, answerParked, examineParked, type FieldConflict, replayParked } from 'nekube/ownership';
import { type Decision, isMalformedPattern, parsePathPattern, patternOf } from 'nekube/smd';
import { withCluster } from '../cluster.ts';
import { CliError, type Io, NegativeFinding } from '../io.ts';
import { printable } from '../printable.ts';
import { APPLY_CONFLICT, INSTALL_HINT } from './conflicts.ts';
import { decisionOf } from './decision-flags.ts';
import { titleOf } from './each-object.ts';
import type { ResolveFlags } from './resolve-command.ts';

/**
 * Decides the conflicts of an apply that waits, and makes it.
 *
 * @throws NegativeFinding when it comes too late, or is refused: then the object is as it was
 */
export async function resolve(argument: string, flags: ResolveFlags, io: Io): Promise<void> {
  // as `nekube own conflicts -o name` prints it
  const name = argument.replace(/^(ac|applyconflicts?(\.ownership\.nekube\.dev)?)\//, '');
  const decisions = (flags.decide ?? []).map(decisionOf);
  await withCluster(flags, io, async (given) => {
    const parked = await parkedCalled(given, name, io);
    const client = given.with({ defaultNamespace: parked.metadata.namespace ?? given.defaultNamespace });
    const { stale, conflicts } = await examineParked(client, parked, new Date(), io.signal);
    if (stale !== undefined) throw new NegativeFinding(`nothing was written: ${stale}`);
    const answers = await answersFor(parked, conflicts, decisions, io);
    const answered = await answerParked(client, parked, answers, io.signal);
    for (const [path, decision] of answers) io.stdout(`${printable(path)}: ${decision}\n`);
    if (!flags.replay) return;
    await replay(client, answered, answers, io);
  });
}

async function parkedCalled(client: Client, name: string, io: Io): Promise<ApplyConflict> {
  try {
    return (await client.get(APPLY_CONFLICT, { name }, { signal: io.signal })) as ApplyConflict;
  } catch (error) {
    if (isStatusError(error, 'NotFound'))
      throw new NegativeFinding(
        `${error.message} in the namespace ${client.defaultNamespace}; nekube own conflicts -A lists what waits`,
      );
    if (isNoMatchError(error)) throw new CliError(error.message, { hint: INSTALL_HINT, cause: error });
    throw error;
  }
}

async function answersFor(
  { spec }: ApplyConflict,
  conflicts: readonly FieldConflict[],
  decisions: readonly FieldDecision[],
  io: Io,
): Promise<Answers> {
  const answers = new Map<string, Decision>();
  const open: string[] = [];
  for (const { path: text } of spec.conflicts) {
    const pattern = parsePathPattern(text);
    const path = isMalformedPattern(pattern) ? undefined : pattern.path;
    const found = path && decisions.find((one) => one.pattern.matches(path));
    if (found !== undefined) answers.set(text, found.decision);
    else open.push(text);
  }
  if (open.length > 0 && io.ask === undefined)
    throw new CliError(`Nothing decides ${open.join(', ')}`, {
      hint: `add --decide force=${open[0]}, or share, or yield`,
    });
  for (const text of new Set(open)) answers.set(text, await asked(spec.manager, text, conflicts, io));
  return answers;
}

/** Asks until there is an answer; a letter is enough. */
async function asked(manager: string, path: string, conflicts: readonly FieldConflict[], io: Io): Promise<Decision> {
  const about = conflicts.filter((one) => patternOf(one.path) === path);
  const owners = about.map(({ claim }) => JSON.stringify(claim.manager)).join(' and ');
  const [live, applied] = [about[0]?.live, about[0]?.applied].map(shown);
  const question = `${path}: ${live}, owned by ${owners}; ${JSON.stringify(manager)} applies ${applied}`;
  io.stderr(`${printable(question)}\n`);
  for (;;) {
    const word = (await io.ask!(`  [f]orce, [s]hare, [y]ield, or fail? `)).trim().toLowerCase();
    const found = CALLER_DECISIONS.find((one) => one === word) ?? LETTERS[word];
    if (found !== undefined) return found;
  }
}

function shown(value: JsonValue | undefined): string {
  return value === undefined ? 'nothing' : stringifyJson(value);
}

const LETTERS: Readonly<Record<string, Decision>> = { f: 'force', s: 'share', y: 'yield' };

async function replay(client: Client, parked: ApplyConflict, answers: Answers, io: Io): Promise<void> {
  const refused = [...answers].find(([, decision]) => decision === 'fail');
  if (refused !== undefined) throw new NegativeFinding(`nothing was applied: ${refused[0]} is to fail`);
  const replayed = await replayParked(client, parked, answers, io.signal);
  if ('reason' in replayed) throw new NegativeFinding(`nothing was applied: ${replayed.reason}`);
  io.stdout(`${titleOf(replayed.object)} applied as ${printable(JSON.stringify(parked.spec.manager))}\n`);
}

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { humanDuration, type JsonObject, stringifyJson } from 'nekube/apimachinery';
import {
  assess,
  auditKinds,
  isOfSeveral,
  type KindsOptions,
  type KindsResult,
  type NeededTime,
  type Operator,
  type OperatorReport,
  reportOf,
  reportPage,
  RISK_LEVELS,
  type RiskLevel,
  roleManifests,
  verifyRoles,
} from 'nekube/audit';
import { aboutDuration } from '../about-duration.ts';
import { CliError, type Io, messageOf, NegativeFinding } from '../io.ts';
import { failForRisk, grantsIn } from './granted.ts';
import { operatorOf, orCliError } from './operator.ts';
import { type OperatorManifests, readOperatorManifests } from './operator-manifests.ts';
import { printable } from '../printable.ts';
import { type Progress, progressOn } from '../progress.ts';
import type { RunFlags } from './run-command.ts';
import { reportText } from './run-text.ts';
import { beginStore, storeReport } from './store.ts';

/** The operator has so long to end, and what was found is printed then, once the user has asked it to end. */
const ENDING_MS = 20_000;

/**
 * Audits an operator, and prints the verdict.
 *
 * @throws CliError: it could not be started, or ended by itself
 * @throws NegativeFinding: there is no verdict, or flags say that this one is not to be
 */
export async function runAudit(command: readonly string[], flags: RunFlags, io: Io): Promise<void> {
  if (flags.html !== undefined) writeReport(flags.html, '', io);
  const manifests = await readOperatorManifests(flags, io);
  const { account } = manifests;
  const operator = operatorOf(command, manifests, io, flags.network);
  if (flags.store) await beginStore(flags, io);
  io.ending?.({ withinMs: ENDING_MS, atOnce() {} });
  const startedAt = new Date();
  const { result, tookMs, verification } = await audited(operator, manifests, flags, io);
  const { name: user, groups = [] } = operator.user;
  // a role that every cluster has, as cluster-admin, is in no manifest
  const grants = grantsIn([...result.clusterRoles, ...manifests.rbac], { name: user, groups }, io);
  const report = reportOf({
    result,
    assessed: assess(grants, result.usage),
    operator: { command, user },
    roles: roleManifests(result.roles, account.name, { kind: 'ServiceAccount', ...account }),
    startedAt,
    tookMs,
    ...(verification && { verification }),
  });
  print(report, flags, io);
  if (flags.html !== undefined) writeReport(flags.html, reportPage(report), io);
  if (flags.store) await storeReport(report, flags.store === true ? account.name : flags.store, flags, io);
  failFor(report, flags);
}

/** The audit, and if it is asked for whether the smallest roles suffice. */
async function audited(
  operator: Operator,
  { objects, services, samples, definitions, declared }: OperatorManifests,
  flags: RunFlags,
  io: Io,
) {
  const { budget: budgetMs, quiet: quietMs, verify } = flags;
  const progress = progressOn(io, flags.progress, verify ? 2 * budgetMs : budgetMs);
  const onProgress = (text: string): void => progress.step(text);
  const onPlan = (needed: NeededTime): void => tellNeeded(needed, budgetMs, progress);
  progress.step('a control plane is started');
  const kinds = flags.kind && definitions.map(({ metadata }) => metadata.name ?? '');
  const options = {
    manifests: objects,
    services,
    samples,
    ...(kinds && { kinds }),
    budgetMs,
    quietMs,
    declared,
    signal: io.signal,
    onProgress,
    onPlan,
  };
  const began = io.elapsedMs();
  try {
    const result = await orCliError(auditKinds(operator, options));
    const tookMs = Math.round(io.elapsedMs() - began);
    if (!verify || io.signal.aborted) return { result, tookMs };
    return { result, tookMs, verification: await verified(operator, options, result, progress) };
  } finally {
    progress.end();
  }
}

/** How long it takes, or that the budget is less than that: what is cut off is told at the end. */
function tellNeeded({ kinds, neededMs }: NeededTime, budgetMs: number, progress: Progress): void {
  if (kinds.length === 0) return;
  const [what, budget] = [kinds.length === 1 ? kinds[0]!.kind : `${kinds.length} kinds`, humanDuration(budgetMs)];
  const needed = aboutDuration(neededMs);
  if (neededMs <= budgetMs) progress.step(`all that is tried with ${what} takes about ${needed} of ${budget}`);
  else
    progress.say(
      `note: all that is tried with ${printable(what)} takes about ${needed}, and the budget is ${budget}: --budget ${needed}${kinds.length > 1 ? ', or --kind' : ''}\n`,
    );
}

async function verified(operator: Operator, options: KindsOptions, result: KindsResult, progress: Progress) {
  const onProgress = (text: string): void => progress.step(`with the smallest roles: ${text}`);
  try {
    return await verifyRoles(operator, { ...options, onProgress }, result);
  } catch (error) {
    // what the first run found is reported, whatever becomes of the second
    if (!options.signal?.aborted) throw error;
    const gaps = ['it was interrupted before anything could be compared'];
    return { isSame: false, denied: [], differences: [], compared: 0, gaps };
  }
}

function print(report: OperatorReport, { output }: RunFlags, io: Io): void {
  if (output === 'yaml') io.stdout(report.roles);
  else if (output === 'json') io.stdout(`${stringifyJson(report as unknown as JsonObject)}\n`);
  else if (output === 'html') io.stdout(reportPage(report));
  else io.stdout(reportText(report));
}

/** Writes the page; empty, before the audit begins, to see that it can be written. @throws CliError */
function writeReport(file: string, text: string, io: Io): void {
  try {
    writeFileSync(resolve(io.cwd, file), text, { flag: text === '' ? 'a' : 'w' });
  } catch (error) {
    throw new CliError(messageOf(error, file), { hint: 'name a file that can be written with --html', cause: error });
  }
}

/** @throws NegativeFinding */
function failFor(
  { verdict, unused, verification, coverage, findings, kinds, decidedBy }: OperatorReport,
  { failOn = [] }: RunFlags,
): void {
  if (verdict === 'unknown') {
    if (isOfSeveral({ kinds, decidedBy }))
      throw new NegativeFinding(
        `there is no verdict: too little is known of ${decidedBy.join(', ')} (--budget, --sample, --kind)`,
      );
    const isSeen = findings.some(({ aspect }) => aspect === 'nothing');
    const why = isSeen ? 'the operator made nothing of the sample' : `it was not come to: ${coverage.gaps.join('; ')}`;
    throw new NegativeFinding(`there is no verdict: ${why}`);
  }
  if (verification?.isSame === false)
    throw new NegativeFinding('with the smallest roles it does not do the same, or that was not seen');
  if (failOn.includes(verdict)) throw new NegativeFinding(`the verdict is ${verdict}`);
  const level = failOn.filter((one): one is RiskLevel => RISK_LEVELS.includes(one as RiskLevel)).at(-1);
  failForRisk(unused, level);
}

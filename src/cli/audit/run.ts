import { stringifyJson } from 'nekube/apimachinery';
import {
  assess,
  auditOperator,
  type AuditResult,
  grantedTo,
  OperatorFailure,
  processOperator,
  roleManifests,
} from 'nekube/audit';
import { CliError, type Io, NegativeFinding } from '../io.ts';
import { userOfAccount } from './account.ts';
import { assessmentText } from './log-text.ts';
import { readOperatorManifests } from './operator-manifests.ts';
import type { RunFlags } from './run-command.ts';
import { resultJson, resultText } from './run-text.ts';

/**
 * Audits an operator, and prints the verdict.
 *
 * @throws CliError: it could not be started, or ended by itself
 * @throws NegativeFinding: there is no verdict
 */
export async function runAudit([command, ...args]: readonly string[], flags: RunFlags, io: Io): Promise<void> {
  const { objects, rbac, sample, account, env } = await readOperatorManifests(flags, io);
  const user = userOfAccount(account);
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`, 'system:authenticated'];
  const operator = processOperator({
    user: { name: user, groups },
    command: command!,
    args,
    env,
    cwd: io.cwd,
    network: flags.network,
  });
  const began = io.elapsedMs();
  const onProgress = (text: string): void => io.stderr(`${((io.elapsedMs() - began) / 1000).toFixed(1)} s: ${text}\n`);
  let result: AuditResult;
  try {
    const { budget: budgetMs, quiet: quietMs } = flags;
    result = await auditOperator(operator, {
      manifests: objects,
      sample,
      budgetMs,
      quietMs,
      signal: io.signal,
      onProgress,
    });
  } catch (error) {
    if (!(error instanceof OperatorFailure)) throw error;
    throw new CliError(error.message, {
      hint: 'see that it runs with KUBECONFIG alone: flags, certificates, webhooks',
      cause: error,
    });
  }
  const { grants } = grantedTo(rbac, { name: user, groups });
  const assessed = assess(grants, result.usage);
  const manifests = roleManifests(result.roles, account.name, { kind: 'ServiceAccount', ...account });
  if (flags.output === 'yaml') io.stdout(manifests);
  else if (flags.output === 'json') io.stdout(`${stringifyJson(resultJson(result, assessed))}\n`);
  else
    io.stdout(
      `${resultText(result)}\n${grants.length === 0 ? 'The manifests grant it nothing.\n' : assessmentText(assessed)}`,
    );
  if (result.judgement.verdict === 'unknown')
    throw new NegativeFinding('there is no verdict: the operator made nothing of the sample');
}

import { groupsOfAccount, type Operator, OperatorFailure, processOperator, userOfAccount } from 'nekube/audit';
import { CliError, type Io } from '../io.ts';
import type { OperatorManifests } from './operator-manifests.ts';

/** The operator that a command line starts, as the service account and with the environment that its manifests say. */
export function operatorOf(
  [command, ...args]: readonly string[],
  { account, env }: Pick<OperatorManifests, 'account' | 'env'>,
  { cwd }: Pick<Io, 'cwd'>,
  network: 'isolated' | 'open' = 'isolated',
): Operator {
  const user = { name: userOfAccount(account), groups: groupsOfAccount(account) };
  return processOperator({ user, command: command!, args, env, cwd, network });
}

const HINT =
  'see that it runs with KUBECONFIG alone: flags, certificates, webhooks; one that is slow to start needs a longer --budget';

/** What an audit comes to. @throws CliError with what can be done: the operator does not start, or ends by itself */
export async function orCliError<T>(audit: Promise<T>): Promise<T> {
  try {
    return await audit;
  } catch (error) {
    if (!(error instanceof OperatorFailure)) throw error;
    const { message, hint = HINT } = error;
    throw new CliError(message, { hint, cause: error });
  }
}

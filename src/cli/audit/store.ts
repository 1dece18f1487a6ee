import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { OPERATOR_AUDIT, OPERATOR_AUDIT_DEFINITION, operatorAudit, type OperatorReport } from 'nekube/audit';
import { untilServed } from 'nekube/client';
import { withCluster } from '../cluster.ts';
import type { ClusterFlags } from '../cluster-flags.ts';
import { CliError, type Io } from '../io.ts';

const MANAGER = 'nekube-audit';

/**
 * Whether a report can be kept, asked before an audit of minutes: the cluster is there, and takes the definition.
 *
 * @throws CliError
 */
export async function beginStore(flags: ClusterFlags, io: Io): Promise<void> {
  const dryRun = { fieldManager: MANAGER, force: true, dryRun: true };
  await storing(() => withCluster(flags, io, (client) => client.apply(OPERATOR_AUDIT_DEFINITION as never, dryRun)));
}

/**
 * Keeps a report in a cluster, as an OperatorAudit; its definition is made if it is not there. One of that name is replaced.
 *
 * @throws CliError where that is not possible; the report has been printed then
 */
export async function storeReport(report: OperatorReport, name: string, flags: ClusterFlags, io: Io): Promise<void> {
  await storing(() =>
    withCluster(flags, io, async (client) => {
      const { status, ...object } = operatorAudit(report, name, new Date());
      await client.apply(OPERATOR_AUDIT_DEFINITION as never, { fieldManager: MANAGER, force: true });
      await untilServed(client, OPERATOR_AUDIT, { signal: io.signal });
      await client.apply(object as never, { fieldManager: MANAGER, force: true });
      const { metadata } = object;
      const stored = { ...OPERATOR_AUDIT, metadata, status } as KubeObject;
      await client.apply(stored as never, { fieldManager: MANAGER, force: true, subresource: 'status' });
    }),
  );
  io.stderr(`operatoraudit.audit.nekube.dev/${name} stored\n`);
}

async function storing(store: () => Promise<unknown>): Promise<void> {
  try {
    await store();
  } catch (error) {
    if (!isStatusError(error)) throw error;
    throw new CliError(`The report cannot be kept: ${error.message}`, {
      hint: 'see that the name is one of an object, and that you may write OperatorAudits and their definition',
      cause: error,
    });
  }
}

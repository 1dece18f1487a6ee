import type { Client } from 'nekube/client';
import { compilePolicies, compilePolicy, type FieldPolicy, type PolicySet } from 'nekube/fieldpolicy';
import { clusterPolicies } from 'nekube/ownership';
import { CliError, type Io } from '../io.ts';
import { readObjectFiles } from '../object-files.ts';

/**
 * The policies of files, which no server has checked.
 *
 * @throws CliError that names file, document and field, for all that is wrong
 */
export async function policiesOfFiles(files: readonly string[], io: Io): Promise<FieldPolicy[]> {
  const policies: FieldPolicy[] = [];
  const problems: string[] = [];
  for await (const { object, place } of readObjectFiles(files, {}, io)) {
    const policy = placed(object as FieldPolicy);
    problems.push(...compilePolicy(policy).problems.map((problem) => `${place}: ${problem}`));
    policies.push(policy);
  }
  if (problems.length > 0) throw new CliError(`Cannot use the policies\n${problems.join('\n')}`);
  return policies;
}

/** As kubectl would create it. */
function placed(policy: FieldPolicy): FieldPolicy {
  if (policy.kind !== 'FieldPolicy' || policy.metadata.namespace !== undefined) return policy;
  return { ...policy, metadata: { ...policy.metadata, namespace: 'default' } };
}

/** The policies of files, and those of the cluster if their kinds are installed. @throws CliError */
export async function policiesFor(client: Client, files: readonly string[], io: Io): Promise<PolicySet> {
  const ofFiles = await policiesOfFiles(files, io);
  const ofCluster = (await clusterPolicies(client, io.signal)) ?? [];
  // what a file states takes the place of what the cluster has by that name
  const stated = new Set(ofFiles.map(nameOf));
  return compilePolicies([...ofFiles, ...ofCluster.filter((policy) => !stated.has(nameOf(policy)))]);
}

function nameOf({ kind, metadata: { namespace = '', name = '' } }: FieldPolicy): string {
  return `${kind}/${namespace}/${name}`;
}

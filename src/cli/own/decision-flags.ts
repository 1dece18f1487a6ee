import type { Command } from 'commander';
import type { Client } from 'nekube/client';
import {
  API_VERSION,
  compilePolicies,
  compilePolicy,
  type FieldDecision,
  type FieldPolicy,
  isMalformedDecision,
  parseFieldDecision,
  type PolicySet,
} from 'nekube/fieldpolicy';
import { type Decide, decideByPolicies, identityOf, readPolicies } from 'nekube/ownership';
import { collected } from '../cluster-flags.ts';
import { CliError, type Io, messageOf } from '../io.ts';
import { readObjectFiles, type SavedObject } from '../object-files.ts';

/** How conflicts are decided. */
export interface DecisionFlags {
  readonly decide?: readonly string[];
  readonly forceConflicts?: boolean;
  readonly policy?: readonly string[];
  readonly ignoreClusterPolicies?: boolean;
}

/** What the flags say, read and checked. */
export interface GivenDecisions {
  readonly decisions: readonly FieldDecision[];
  readonly force: boolean;
  readonly policies: readonly FieldPolicy[];
  /** The policies that the cluster has do not count. */
  readonly ignoreCluster: boolean;
}

/** Adds the flags that decide conflicts. */
export function withDecisionFlags(command: Command): Command {
  return command
    .option(
      '--decide <decision=path>',
      'what becomes of conflicts over these fields: force, yield, share or fail; may be repeated, the first that matches counts',
      collected,
    )
    .option('--force-conflicts', 'take over every other field that is in conflict')
    .option(
      '--policy <file>',
      'a file with FieldPolicies that count beside those of the cluster, and before the other flags; may be repeated',
      collected,
    )
    .option(
      '--ignore-cluster-policies',
      'decide without the policies of the cluster; a nekube server heeds its own all the same',
    );
}

/** Reads what the flags say, before a cluster is asked. @throws CliError */
export async function givenDecisions(flags: DecisionFlags, io: Io): Promise<GivenDecisions> {
  const { decide = [], forceConflicts = false, policy = [], ignoreClusterPolicies = false } = flags;
  const decisions = decide.map(decisionOf);
  const policies: FieldPolicy[] = [];
  for await (const saved of readObjectFiles(policy, {}, io)) policies.push(policyOf(saved));
  return { decisions, force: forceConflicts, policies, ignoreCluster: ignoreClusterPolicies };
}

/** What a `--decide` says. @throws CliError */
export function decisionOf(text: string): FieldDecision {
  const read = parseFieldDecision(text);
  if (isMalformedDecision(read)) throw new CliError(`--decide: ${read.malformed}`, { hint: read.fix });
  return read;
}

function policyOf({ object, place }: SavedObject): FieldPolicy {
  const { apiVersion, kind } = object;
  if (apiVersion !== API_VERSION || (kind !== 'FieldPolicy' && kind !== 'ClusterFieldPolicy'))
    throw new CliError(`${place}: ${apiVersion} ${kind} is no policy`, {
      hint: `--policy takes FieldPolicies and ClusterFieldPolicies of ${API_VERSION}`,
    });
  const policy = object as FieldPolicy;
  const [problem] = compilePolicy(policy).problems;
  if (problem !== undefined) throw new CliError(`${place}: ${problem}`);
  return policy;
}

/**
 * Decides as was said: by policies, those of the cluster among them; then by the other flags; what nothing is about fails.
 * The policies are read at the first conflict; at once where flags decide, since the cluster's might forbid what these say.
 *
 * @throws CliError where flags decide, and the policies of the cluster cannot be read
 */
export async function decideIn(client: Client, given: GivenDecisions, io: Io): Promise<Decide> {
  const { decisions, force } = given;
  const load = async (): Promise<Decide> => {
    const policies = await policiesIn(client, given, io, flagsDecide(given) ? 'refused' : 'told');
    const user = policies.size === 0 ? undefined : await identityOf(client, io.signal);
    return decideByPolicies({ policies, decisions, force, user, now: () => new Date() });
  };
  let decide: Promise<Decide> | undefined = flagsDecide(given) ? Promise.resolve(await load()) : undefined;
  return async (conflicts, context) => await (await (decide ??= load()))(conflicts, context);
}

function flagsDecide({ decisions, force, policies }: GivenDecisions): boolean {
  return force || decisions.length > 0 || policies.length > 0;
}

/**
 * All policies that count: those of files take the place of those that the cluster has by the same name.
 *
 * @param unreadable what becomes of it that those of the cluster cannot be read
 * @throws CliError where that is refused
 */
export async function policiesIn(
  client: Client,
  { policies, ignoreCluster }: GivenDecisions,
  io: Io,
  unreadable: 'told' | 'refused' = 'told',
): Promise<PolicySet> {
  const given = policies.map((policy) => inNamespace(policy, client.defaultNamespace));
  const stated = new Set(given.map(nameOf));
  const installed = ignoreCluster ? [] : await installedPolicies(client, io, unreadable);
  return compilePolicies([...given, ...installed.filter((policy) => !stated.has(nameOf(policy)))]);
}

function nameOf({ kind, metadata: { namespace = '', name = '' } }: FieldPolicy): string {
  return `${kind}/${namespace}/${name}`;
}

function inNamespace(policy: FieldPolicy, namespace: string): FieldPolicy {
  if (policy.kind !== 'FieldPolicy' || policy.metadata.namespace !== undefined) return policy;
  return { ...policy, metadata: { ...policy.metadata, namespace } };
}

async function installedPolicies(client: Client, io: Io, unreadable: 'told' | 'refused'): Promise<FieldPolicy[]> {
  try {
    return await readPolicies(client, { signal: io.signal });
  } catch (error) {
    if (unreadable === 'refused')
      throw new CliError(
        `The policies of the cluster cannot be read, and might forbid what flags decide: ${messageOf(error)}`,
        {
          hint: 'have the right to list fieldpolicies and clusterfieldpolicies of ownership.nekube.dev granted, or add --ignore-cluster-policies',
          cause: error,
        },
      );
    io.stderr(`Warning: the policies of the cluster do not count, since they cannot be read: ${messageOf(error)}\n`);
    return [];
  }
}

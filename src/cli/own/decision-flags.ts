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
}

/** What the flags say, read and checked. */
export interface GivenDecisions {
  readonly decisions: readonly FieldDecision[];
  readonly force: boolean;
  readonly policies: readonly FieldPolicy[];
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
    );
}

/** Reads what the flags say, before a cluster is asked. @throws CliError */
export async function givenDecisions(flags: DecisionFlags, io: Io): Promise<GivenDecisions> {
  const { decide = [], forceConflicts = false, policy = [] } = flags;
  const decisions = decide.map(decisionOf);
  const policies: FieldPolicy[] = [];
  for await (const saved of readObjectFiles(policy, {}, io)) policies.push(policyOf(saved));
  return { decisions, force: forceConflicts, policies };
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
 * Decides as was said: by policies, those of the cluster among them, which are read when there is a first conflict; then by the
 * other flags; what nothing is about fails.
 */
export function decideIn(client: Client, given: GivenDecisions, io: Io): Decide {
  const { decisions, force } = given;
  let decide: Promise<Decide> | undefined;
  const load = async (): Promise<Decide> => {
    const policies = await policiesIn(client, given, io);
    const user = policies.size === 0 ? undefined : await identityOf(client, io.signal);
    return decideByPolicies({ policies, decisions, force, user, now: () => new Date() });
  };
  return async (conflicts, context) => await (await (decide ??= load()))(conflicts, context);
}

/** All policies that count: those of files take the place of those that the cluster has by the same name. */
export async function policiesIn(client: Client, { policies }: GivenDecisions, io: Io): Promise<PolicySet> {
  const given = policies.map((policy) => inNamespace(policy, client.defaultNamespace));
  const stated = new Set(given.map(nameOf));
  const installed = await installedPolicies(client, io);
  return compilePolicies([...given, ...installed.filter((policy) => !stated.has(nameOf(policy)))]);
}

function nameOf({ kind, metadata: { namespace = '', name = '' } }: FieldPolicy): string {
  return `${kind}/${namespace}/${name}`;
}

function inNamespace(policy: FieldPolicy, namespace: string): FieldPolicy {
  if (policy.kind !== 'FieldPolicy' || policy.metadata.namespace !== undefined) return policy;
  return { ...policy, metadata: { ...policy.metadata, namespace } };
}

/** Who may not read them is told that they do not count here. */
async function installedPolicies(client: Client, io: Io): Promise<FieldPolicy[]> {
  try {
    return await readPolicies(client, io.signal);
  } catch (error) {
    io.stderr(`Warning: the policies of the cluster do not count, since they cannot be read: ${messageOf(error)}\n`);
    return [];
  }
}

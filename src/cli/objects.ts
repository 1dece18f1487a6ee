import { isStatusError, type KubeObject, LabelSelector, parseLabelSelector } from 'nekube/apimachinery';
import { type Client, discoverResources, type ListOptions, ResourceNames, type ServedResource } from 'nekube/client';
import { withCluster } from './cluster.ts';
import type { ObjectFlags } from './cluster-flags.ts';
import { CliError, type Io, messageOf, NegativeFinding } from './io.ts';
import { parseObjectArguments, type Wanted } from './object-arguments.ts';
import { readObjectFiles } from './object-files.ts';

/** What an argument asks for, as the cluster serves it. */
export interface Target {
  readonly resource: ServedResource;
  /** Absent: all objects, as far as selectors say nothing else. */
  readonly name?: string;
  /** Absent: no namespace, or all of them. */
  readonly namespace?: string;
}

/**
 * Hands `use` the objects that arguments and flags ask for, one at a time, of files without a cluster; `client` is there
 * only if the objects are a cluster's.
 *
 * @throws what {@link objectsOf} and `use` throw
 */
export async function withObjects<T>(
  args: readonly string[],
  flags: ObjectFlags,
  io: Io,
  use: (objects: AsyncIterable<KubeObject>, client: Client | undefined) => Promise<T>,
): Promise<T> {
  if (flags.filename !== undefined) return await use(savedObjects(args, flags, io), undefined);
  // wrong arguments are told before anything is asked
  parseObjectArguments(args);
  return await withCluster(flags, io, (client) => use(objectsOf(client, args, flags, io), client));
}

/**
 * The objects of a cluster that arguments and flags ask for, read in parts, so that as many as there are fit into memory.
 * What cannot be read is told at the end, after all that can; that there is none is told on stderr.
 *
 * @throws CliError for wrong arguments, and when not all could be read
 * @throws NegativeFinding when objects that were named do not exist
 */
export async function* objectsOf(
  client: Client,
  args: readonly string[],
  flags: ObjectFlags,
  io: Io,
): AsyncGenerator<KubeObject> {
  const targets = await resolveTargets(client, args, flags, io.signal);
  const failures: unknown[] = [];
  let found = 0;
  for (const target of targets) {
    try {
      for await (const object of objectsAt(client, target, flags, io.signal)) {
        found++;
        yield object;
      }
    } catch (error) {
      if (!isStatusError(error)) throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failureOf(failures);
  if (found === 0) io.stderr(`No resources found${whereOf(targets)}\n`);
}

/**
 * Finds what arguments mean, by one look at the cluster's discovery.
 *
 * @throws CliError for wrong arguments, and kinds that are not served
 */
export async function resolveTargets(
  client: Client,
  args: readonly string[],
  flags: ObjectFlags,
  signal?: AbortSignal,
): Promise<Target[]> {
  const wanted = parseObjectArguments(args);
  checkFlags(wanted, flags);
  const names = new ResourceNames(await discoverResources(client, signal));
  return wanted.flatMap(({ resource, name }) =>
    resourcesCalled(resource, names).map((one): Target => {
      const namespace = one.namespaced && !flags.allNamespaces ? client.defaultNamespace : undefined;
      return { resource: one, ...(name !== undefined && { name }), ...(namespace !== undefined && { namespace }) };
    }),
  );
}

function checkFlags(wanted: readonly Wanted[], { selector, fieldSelector, allNamespaces }: ObjectFlags): void {
  if (wanted.every(({ name }) => name === undefined)) return;
  if (selector !== undefined || fieldSelector !== undefined)
    throw new CliError('Cannot have a selector beside names', { hint: 'give either names or a selector' });
  if (allNamespaces)
    throw new CliError('Cannot look for a name in all namespaces', {
      hint: 'name the namespace with -n, or select with --field-selector metadata.name=NAME',
    });
}

/** A category's resources come before a resource of the same name, as kubectl has it. */
function resourcesCalled(text: string, names: ResourceNames): ServedResource[] {
  const members = names.category(text).filter(({ verbs }) => verbs.includes('list'));
  if (members.length > 0) return members;
  const one = names.find(text);
  if (one !== undefined) return [one];
  throw new CliError(`the server doesn't have a resource type ${JSON.stringify(text.split('.')[0])}`, {
    hint: 'kubectl api-resources lists what it has',
  });
}

async function* objectsAt(
  client: Client,
  { resource, name, namespace }: Target,
  { selector, fieldSelector }: ObjectFlags,
  signal: AbortSignal,
): AsyncGenerator<KubeObject> {
  if (name !== undefined) {
    yield await client.get(resource, { name, ...(namespace !== undefined && { namespace }) }, { signal });
    return;
  }
  const options: ListOptions = {
    signal,
    ...(namespace !== undefined && { namespace }),
    ...(selector !== undefined && { labelSelector: selector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
  };
  yield* client.pages(resource, options);
}

/** Objects that do not exist are a finding, all else is an error. */
function failureOf(failures: readonly unknown[]): Error {
  const message = failures.map((failure) => messageOf(failure)).join('\n');
  const missing = failures.every((failure) => isStatusError(failure, 'NotFound'));
  return missing ? new NegativeFinding(message) : new CliError(message, { cause: failures[0] });
}

function whereOf(targets: readonly Target[]): string {
  const namespace = targets.find((target) => target.namespace !== undefined)?.namespace;
  return namespace === undefined ? '' : ` in ${namespace} namespace.`;
}

async function* savedObjects(args: readonly string[], flags: ObjectFlags, io: Io): AsyncGenerator<KubeObject> {
  if (args.length > 0)
    throw new CliError('Cannot have objects of files and of a cluster at once', {
      hint: `leave out ${args[0]}, or -f`,
    });
  if (flags.fieldSelector !== undefined)
    throw new CliError('Cannot use --field-selector with files: which fields select is known by the server alone');
  const selector = selectorOf(flags.selector);
  for await (const { object } of readObjectFiles(flags.filename ?? [], flags, io)) {
    if (selector.matches(object.metadata.labels)) yield object;
  }
}

function selectorOf(text: string | undefined): LabelSelector {
  try {
    return text === undefined ? LabelSelector.everything : parseLabelSelector(text);
  } catch (error) {
    throw new CliError(`Cannot read --selector: ${messageOf(error)}`, { cause: error });
  }
}

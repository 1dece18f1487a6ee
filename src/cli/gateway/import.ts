import { type JsonValue, type KubeObject, stringifyJson, stringifyYaml } from 'nekube/apimachinery';
import { type Client, isNoMatchError } from 'nekube/client';
import { type Imported, type ImportFinding, importObjects } from 'nekube/gateway';
import { withCluster } from '../cluster.ts';
import { CliError, type Io, NegativeFinding } from '../io.ts';
import { readObjectFiles } from '../object-files.ts';
import { printable } from '../printable.ts';
import type { ImportFlags } from './import-command.ts';

/** What is read of a cluster. */
const KINDS = [
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'projectcontour.io/v1', kind: 'HTTPProxy' },
  { apiVersion: 'gateway.envoyproxy.io/v1alpha1', kind: 'ClientTrafficPolicy' },
  { apiVersion: 'gateway.envoyproxy.io/v1alpha1', kind: 'BackendTrafficPolicy' },
  { apiVersion: 'gateway.envoyproxy.io/v1alpha1', kind: 'SecurityPolicy' },
];

/**
 * Converts resources of other gateways, and prints what they become.
 *
 * @throws NegativeFinding when something was wrong and is left out; with `strict` when anything had to be told
 */
export async function importResources(flags: ImportFlags, io: Io): Promise<void> {
  const objects = await (flags.filename === undefined ? objectsOfCluster(flags, io) : objectsOfFiles(flags, io));
  const imported = importObjects(objects, { gatewayClassName: flags.gatewayClass });
  if (imported.objects.length === 0 && imported.findings.length === 0) {
    throw new CliError('There is nothing to import: no Ingress, HTTPProxy or policy of Envoy Gateway');
  }
  for (const finding of imported.findings) io.stderr(`${printable(lineOf(finding))}\n`);
  io.stdout(print(imported, flags.output));
  const errors = imported.findings.filter(({ type }) => type === 'error').length;
  if (errors > 0) throw new NegativeFinding(`what is wrong and left out: ${errors}`);
  if (flags.strict && imported.findings.length > 0) {
    throw new NegativeFinding(`what has no equivalent, or not quite the same: ${imported.findings.length}`);
  }
}

async function objectsOfFiles({ filename, recursive }: ImportFlags, io: Io): Promise<KubeObject[]> {
  const objects: KubeObject[] = [];
  for await (const { object } of readObjectFiles(filename!, { recursive: recursive ?? false }, io))
    objects.push(object);
  return objects;
}

async function objectsOfCluster(flags: ImportFlags, io: Io): Promise<KubeObject[]> {
  return await withCluster(flags, io, async (client) => {
    const lists = await Promise.all(
      KINDS.map((kind) => listIfServed(client, kind, flags.allNamespaces ?? false, io.signal)),
    );
    return lists.flat();
  });
}

async function listIfServed(
  client: Client,
  kind: (typeof KINDS)[number],
  allNamespaces: boolean,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  try {
    const { items } = await client.list(kind, {
      ...(!allNamespaces && { namespace: client.defaultNamespace }),
      signal,
    });
    return items.map((item) => ({ ...item, ...kind }));
  } catch (error) {
    if (isNoMatchError(error)) return [];
    throw error;
  }
}

function lineOf({ source, path, type, message }: ImportFinding): string {
  return `${type}: ${source.kind} ${source.namespace}/${source.name}${path === '' ? '' : ` ${path}`}: ${message}`;
}

function print({ objects }: Imported, output: ImportFlags['output']): string {
  if (output === 'yaml') return objects.map((object) => stringifyYaml(object as unknown as JsonValue)).join('---\n');
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  return `${stringifyJson(list as unknown as JsonValue)}\n`;
}

import { dirname, isAbsolute, resolve } from 'node:path';
import { errorText, isParseError, type JsonValue, parseYaml } from 'nekube/apimachinery';
import { FieldReader, kubeconfigError } from './field-reader.ts';
import type { ClusterEntry, ContextEntry, ExecConfig, Kubeconfig, PemSource, UserEntry } from './kubeconfig.ts';

/**
 * Reads the text of a kubeconfig, YAML or JSON. Paths in it are relative to the folder of `file`.
 *
 * What has no meaning here is passed over, as kubectl does; what has must be of its type.
 *
 * @throws ParseError that names file, field and what must be there
 */
export function parseKubeconfig(text: string, file: string): Kubeconfig {
  const root = new FieldReader(file, '', yamlOf(text, file));
  const { kind = 'Config', apiVersion = 'v1' } = { kind: root.text('kind'), apiVersion: root.text('apiVersion') };
  if (kind !== 'Config' || apiVersion !== 'v1')
    throw kubeconfigError(file, 'kind', `must be Config of v1, not ${kind} of ${apiVersion}`);
  const currentContext = root.text('current-context');
  return {
    files: [file],
    ...(currentContext !== undefined && { currentContext }),
    contexts: named(root, 'contexts', 'context', contextIn),
    clusters: named(root, 'clusters', 'cluster', clusterIn),
    users: named(root, 'users', 'user', userIn),
  };
}

function yamlOf(text: string, file: string): JsonValue {
  try {
    return parseYaml(text);
  } catch (cause) {
    const line = isParseError(cause) && cause.line !== undefined ? `line ${cause.line}` : '';
    throw kubeconfigError(file, line, `is no YAML: ${errorText(cause)}`, cause);
  }
}

/** The entries of a list by their names. @throws ParseError for two of one name */
function named<T>(root: FieldReader, list: string, field: string, read: (entry: FieldReader) => T): Map<string, T> {
  const entries = new Map<string, T>();
  for (const item of root.insideAll(list)) {
    const name = item.text('name');
    if (name === undefined) throw item.error('name', 'is missing');
    if (entries.has(name)) throw item.error('name', `is the same as that of another: ${JSON.stringify(name)}`);
    entries.set(name, read(item.inside(field)));
  }
  return entries;
}

function contextIn(entry: FieldReader): ContextEntry {
  return compact({
    ...placeOf(entry),
    cluster: entry.text('cluster'),
    user: entry.text('user'),
    namespace: entry.text('namespace'),
  });
}

function clusterIn(entry: FieldReader): ClusterEntry {
  return compact({
    ...placeOf(entry),
    server: entry.text('server'),
    ca: pemIn(entry, 'certificate-authority'),
    insecure: entry.flag('insecure-skip-tls-verify'),
    serverName: entry.text('tls-server-name'),
    proxyUrl: entry.text('proxy-url'),
    disableCompression: entry.flag('disable-compression'),
    execConfig: entry
      .insideAll('extensions')
      .find((extension) => extension.text('name') === 'client.authentication.k8s.io/exec')
      ?.any('extension'),
  });
}

function userIn(entry: FieldReader): UserEntry {
  const file = entry.text('tokenFile');
  return compact({
    ...placeOf(entry),
    clientCertificate: pemIn(entry, 'client-certificate'),
    clientKey: pemIn(entry, 'client-key'),
    token: entry.text('token'),
    tokenFile: file && pathIn(entry, file),
    username: entry.text('username'),
    password: entry.text('password'),
    exec: entry.any('exec') === undefined ? undefined : execIn(entry.inside('exec')),
    authProvider:
      entry.any('auth-provider') === undefined ? undefined : (entry.inside('auth-provider').text('name') ?? ''),
    as: entry.text('as'),
    asUid: entry.text('as-uid'),
    asGroups: entry.texts('as-groups'),
    asExtra: extraIn(entry.inside('as-user-extra')),
  });
}

function extraIn(extra: FieldReader): Record<string, readonly string[]> | undefined {
  const names = extra.names();
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, extra.texts(name) ?? []]));
}

const EXEC_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const INTERACTIVE_MODES = ['Never', 'IfAvailable', 'Always'];

function execIn(exec: FieldReader): ExecConfig {
  const [apiVersion, command] = [exec.text('apiVersion'), exec.text('command')];
  if (command === undefined) throw exec.error('command', 'is missing');
  if (apiVersion === undefined || !EXEC_VERSIONS.includes(apiVersion))
    throw exec.error('apiVersion', `must be ${EXEC_VERSIONS.join(' or ')}, not ${apiVersion ?? 'empty'}`);
  const mode = exec.text('interactiveMode') ?? (apiVersion.endsWith('/v1') ? undefined : 'IfAvailable');
  if (mode === undefined || !INTERACTIVE_MODES.includes(mode))
    throw exec.error(
      'interactiveMode',
      `must be ${INTERACTIVE_MODES.join(', ')}${mode === undefined ? '' : `, not ${mode}`}`,
    );
  return compact({
    apiVersion,
    // a path is relative to the file, a name is looked for on PATH
    command: /[/\\]/.test(command) ? pathIn(exec, command) : command,
    args: exec.texts('args') ?? [],
    env: Object.fromEntries(exec.insideAll('env').map((item) => [item.text('name') ?? '', item.text('value') ?? ''])),
    installHint: exec.text('installHint'),
    provideClusterInfo: exec.flag('provideClusterInfo') ?? false,
    interactiveMode: mode as ExecConfig['interactiveMode'],
  });
}

/** What a field with `-data` holds, else the file that it names without. */
function pemIn(entry: FieldReader, field: string): PemSource | undefined {
  const pem = entry.base64(`${field}-data`);
  if (pem !== undefined) return { pem };
  const file = entry.text(field);
  return file === undefined ? undefined : { file: pathIn(entry, file) };
}

function pathIn({ file }: FieldReader, path: string): string {
  return isAbsolute(path) ? path : resolve(dirname(file), path);
}

function placeOf({ file, path }: FieldReader): { file: string; path: string } {
  return { file, path };
}

/** Without the members that are undefined. */
function compact<T extends object>(object: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

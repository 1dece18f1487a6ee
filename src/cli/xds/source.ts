import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseYaml } from 'nekube/apimachinery';
import {
  type AdsClientOptions,
  collect,
  type Collected,
  readConfigDump,
  RESOURCE_TYPES,
  type ResourceType,
} from 'nekube/xds';
import { CliError, type Io, messageOf, NegativeFinding } from '../io.ts';
import type { DiffFlags, SelectionFlags, SourceFlags } from '../xds-command.ts';

/** What a source has, as far as it is asked for. @throws CliError; NegativeFinding: nothing came */
export async function readSource(source: string, flags: DiffFlags, io: Io): Promise<Collected> {
  return selected(await readAll(source, flags, io), flags);
}

async function readAll(source: string, flags: DiffFlags, io: Io): Promise<Collected> {
  const url = serverUrl(source);
  if (url !== undefined) return fromServer(url, flags, io);
  const isAddress = /^https?:\/\//.test(source);
  const text = isAddress ? await fetched(source, io) : await dumpText(source, io);
  try {
    return readConfigDump(parseYaml(text));
  } catch (error) {
    throw new CliError(`${JSON.stringify(source)} has no dump: ${messageOf(error)}`, { cause: error });
  }
}

async function fromServer(url: string, flags: DiffFlags, io: Io): Promise<Collected> {
  const options = await clientOptions(url, flags, io);
  const collected = await collect({ ...options, quietMs: flags.quiet, signal: io.signal }).catch((error: unknown) => {
    if (io.signal.aborted) throw error;
    const hint = fixOf(url, flags);
    throw new CliError(`Cannot ask ${url}: ${messageOf(error)}`, { cause: error, ...(hint !== undefined && { hint }) });
  });
  if (collected.size === 0) throw new NegativeFinding(`${url} gives nothing to node ${JSON.stringify(flags.node)}`);
  return collected;
}

/** What to do where a server does not answer, as far as its address tells. */
function fixOf(url: string, { ca, cert }: SourceFlags): string | undefined {
  if (url.startsWith('unix:')) {
    const here =
      'nekube gateway run --data-plane envoy has its socket at ENVOY-FOLDER/xds.sock, as in unix:.nekube/envoy/xds.sock';
    return `name the socket of a server of xDS that runs: ${here}`;
  }
  const isPlain = ca === undefined && cert === undefined && !url.startsWith('https:');
  return `name a server of xDS that runs, as HOST:PORT${isPlain ? '; one that wants TLS is asked with --ca, and --cert and --key' : ''}`;
}

/** Where a server is, and as whom to ask it. @throws CliError */
export async function clientOptions(url: string, flags: SourceFlags, io: Io): Promise<AdsClientOptions> {
  const read = (file: string | undefined): Promise<string> | undefined =>
    file === undefined ? undefined : fileText(file, io);
  const [ca, cert, key] = await Promise.all([read(flags.ca), read(flags.cert), read(flags.key)]);
  const { serverName: servername } = flags;
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...(servername && { servername }) };
  const metadata = flags.metadata === undefined ? undefined : metadataOf(flags.metadata);
  const node = { id: flags.node, ...(flags.cluster && { cluster: flags.cluster }), ...(metadata && { metadata }) };
  const isSecure = url.startsWith('https:') || Object.keys(tls).length > 0;
  return { url: isSecure ? url.replace(/^http:/, 'https:') : url, node, protocol: flags.protocol, tls };
}

function metadataOf(text: string): AdsClientOptions['node']['metadata'] {
  try {
    return JSON.parse(text) as AdsClientOptions['node']['metadata'];
  } catch (error) {
    throw new CliError(`--metadata is no JSON: ${messageOf(error)}`, { cause: error });
  }
}

/** The URL of a server; undefined for what is a file or the address of a dump. */
export function serverUrl(source: string): string | undefined {
  if (source.startsWith('unix:') || /^https?:\/\/[^/]+\/?$/.test(source)) return source;
  return /^(\[[\da-fA-F:]+\]|[\w.-]+):\d+$/.test(source) ? `http://${source}` : undefined;
}

/** The text of a file with a dump. @throws CliError; it says so of a socket that is named as if it were one */
async function dumpText(file: string, io: Io): Promise<string> {
  const facts = await stat(resolve(io.cwd, file)).catch(() => undefined);
  if (facts?.isSocket()) throw new CliError(`${JSON.stringify(file)} is a socket`, { hint: `unix:${file}` });
  return fileText(file, io);
}

async function fileText(file: string, io: Io): Promise<string> {
  try {
    return await readFile(resolve(io.cwd, file), 'utf8');
  } catch (error) {
    throw new CliError(messageOf(error, file), { cause: error });
  }
}

async function fetched(url: string, io: Io): Promise<string> {
  try {
    const response = await fetch(url, { signal: io.signal });
    if (!response.ok) throw new Error(`it answers ${response.status}`);
    return await response.text();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new CliError(`Cannot read ${url}: ${messageOf(cause)}`, { cause: error });
  }
}

/** The types that were named; all when none was. @throws CliError */
export function selectedTypes(names: readonly string[] | undefined): readonly ResourceType[] {
  if (names === undefined) return RESOURCE_TYPES;
  return names.map((name) => {
    const type = RESOURCE_TYPES.find((one) => one.name === name || one.url.endsWith(`.${name}`));
    if (type !== undefined) return type;
    const known = RESOURCE_TYPES.map((one) => one.name).join(', ');
    throw new CliError(`no type ${JSON.stringify(name)}`, { hint: `one of ${known}` });
  });
}

/** The resources that the flags select. @throws CliError */
export function selected(all: Collected, { type, name }: SelectionFlags): Collected {
  const types = new Set(selectedTypes(type).map(({ url }) => url));
  return new Map(
    [...all]
      .filter(([url]) => types.has(url))
      .map(([url, resources]) => [
        url,
        new Map([...resources].filter(([one]) => name === undefined || name.includes(one))),
      ]),
  );
}

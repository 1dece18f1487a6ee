import { type JsonValue, signalWithin, stringifyYaml } from 'nekube/apimachinery';
import { follow, type Received, type ReceivedResource, redact, type ResourceType, resourceType } from 'nekube/xds';
import { CliError, type Io, messageOf } from '../io.ts';
import type { WatchFlags } from '../xds-command.ts';
import { clientOptions, selectedTypes, serverUrl } from './source.ts';

/** Prints what changes at a server. @throws CliError */
export async function watchServer(server: string, flags: WatchFlags, io: Io): Promise<void> {
  const url = serverUrl(server);
  if (url === undefined)
    throw new CliError(`${JSON.stringify(server)} is no server`, { hint: 'HOST:PORT or unix:SOCKET' });
  const types = new Set(selectedTypes(flags.type).map((type) => type.url));
  const changes = new Changes();
  const signal = flags.for === undefined ? io.signal : signalWithin(io.signal, flags.for);
  const options = await clientOptions(url, flags, io);
  const print = (received: Received): void => {
    for (const change of changes.take(received)) {
      if (types.has(change.type.url) && (flags.name === undefined || flags.name.includes(change.name)))
        io.stdout(printed(change, flags.output));
    }
  };
  await follow({ ...options, signal }, print).catch((error: unknown) => {
    throw new CliError(`Cannot watch ${url}: ${messageOf(error)}`, { cause: error });
  });
}

interface Change {
  readonly sign: '+' | '-' | '~';
  readonly type: ResourceType;
  readonly name: string;
  /** Undefined when it is gone. */
  readonly resource: ReceivedResource | undefined;
}

/** What a response changes, of all that came before. */
class Changes {
  readonly #known = new Map<string, string>();

  take({ type: url, resources, removed }: Received): Change[] {
    const type = resourceType(url);
    if (type === undefined) return [];
    const gone = removed.filter((name) => this.#known.delete(`${url} ${name}`));
    const come = resources.flatMap((resource): Change[] => {
      const key = `${url} ${resource.name}`;
      const content = JSON.stringify(resource.message);
      const before = this.#known.get(key);
      this.#known.set(key, content);
      if (before === content) return [];
      return [{ sign: before === undefined ? '+' : '~', type, name: resource.name, resource }];
    });
    return [...gone.map((name): Change => ({ sign: '-', type, name, resource: undefined })), ...come];
  }
}

function printed({ sign, type, name, resource }: Change, output: WatchFlags['output']): string {
  const message = resource && redact(type.message, resource.message);
  if (output === 'text') return `${sign} ${type.name} ${name}${resource === undefined ? '' : ` ${resource.version}`}\n`;
  const value = { change: CHANGES[sign], type: type.name, name, version: resource?.version, resource: message };
  return output === 'json'
    ? `${JSON.stringify(value)}\n`
    : `---\n${stringifyYaml(JSON.parse(JSON.stringify(value)) as JsonValue)}`;
}

const CHANGES = { '+': 'added', '~': 'modified', '-': 'deleted' };

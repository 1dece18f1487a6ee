import { Command, Option } from 'commander';
import { lasting, lastingIfGiven } from './duration-flag.ts';
import type { Io } from './io.ts';

/** The flags that say where to ask, and as whom. */
export interface SourceFlags {
  readonly node: string;
  readonly cluster?: string;
  readonly metadata?: string;
  readonly protocol: 'delta' | 'world';
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
}

/** The flags of `nekube xds dump`. */
export interface DumpFlags extends DiffFlags {
  readonly output: 'json' | 'yaml';
}

/** The flags that select resources. */
export interface SelectionFlags {
  readonly type?: readonly string[];
  readonly name?: readonly string[];
}

/** The flags of `nekube xds diff`. */
export interface DiffFlags extends SourceFlags, SelectionFlags {
  readonly quiet: number;
}

/** The flags of `nekube xds watch`. */
export interface WatchFlags extends SourceFlags, SelectionFlags {
  readonly output: 'json' | 'text' | 'yaml';
  readonly for?: number;
}

const SOURCES = `
A source is a server of xDS (HOST:PORT, https://HOST:PORT, unix:SOCKET), the address of an Envoy's dump
(http://HOST:PORT/config_dump?include_eds), or a file with a dump.`;

const EXAMPLES = {
  dump: `${SOURCES}

Examples:
  nekube xds dump 127.0.0.1:18000 --node envoy-1
  nekube xds dump unix:/run/nekube/xds.sock --type cluster --name web -o json
  nekube xds dump https://gateway:18000 --ca ca.crt --cert tls.crt --key tls.key

Exit codes: 0 printed, 1 nothing came, 2 an error.`,
  diff: `${SOURCES}

Examples:
  nekube xds diff before.yaml 127.0.0.1:18000
  nekube xds diff 127.0.0.1:18000 'http://127.0.0.1:9901/config_dump?include_eds'

Exit codes: 0 no difference, 1 a difference, 2 an error.`,
  watch: `
Examples:
  nekube xds watch 127.0.0.1:18000 --node envoy-1
  nekube xds watch 127.0.0.1:18000 --type endpoint -o yaml --for 1m

Exit codes: 0 ended by --for or by the user, 2 an error.`,
};

/** `nekube xds`: its subcommands, their flags and help. */
export function xdsCommand(io: Io): Command {
  const xds = new Command('xds')
    .summary('See what a server of xDS gives to an Envoy')
    .description(
      'Ask a server of xDS as an Envoy does: for all clusters and listeners, and for the endpoints, routes, secrets and ' +
        'extensions that they come to need. Private keys and credentials are never shown.',
    )
    .helpCommand('help [command]', 'Print the help of a command');
  xds.addCommand(dump(io));
  xds.addCommand(diff(io));
  xds.addCommand(watch(io));
  return xds;
}

function dump(io: Io): Command {
  const command = new Command('dump')
    .summary('Print all that an Envoy gets')
    .description("Print all that an Envoy gets, in the form of Envoy's own dump (/config_dump).")
    .argument('<source>', 'a server, the address of a dump, or a file')
    .addOption(output(['yaml', 'json'], 'yaml'))
    .addOption(quiet())
    .addHelpText('after', EXAMPLES.dump)
    .action(async (source: string, flags: DumpFlags) => {
      const { dumpSource } = await import('./xds/dump.ts');
      await dumpSource(source, flags, io);
    });
  return withSelection(withSource(command));
}

function diff(io: Io): Command {
  const command = new Command('diff')
    .summary('Print how what two of them have differs')
    .description('Print how the resources of two sources differ, one after another, as a difference of YAML.')
    .argument('<before>', 'a server, the address of a dump, or a file')
    .argument('<after>', 'another one')
    .addOption(quiet())
    .addHelpText('after', EXAMPLES.diff)
    .action(async (before: string, after: string, flags: DiffFlags) => {
      const { diffSources } = await import('./xds/diff.ts');
      await diffSources([before, after], flags, io);
    });
  return withSelection(withSource(command));
}

function watch(io: Io): Command {
  const command = new Command('watch')
    .summary('Print what changes, as an Envoy hears of it')
    .description('Print each resource that comes, changes or goes, as an Envoy hears of it, until it is ended.')
    .argument('<server>', 'a server of xDS: HOST:PORT, https://HOST:PORT or unix:SOCKET')
    .addOption(output(['text', 'yaml', 'json'], 'text'))
    .addOption(lastingIfGiven('--for <duration>', 'end after so long'))
    .addHelpText('after', EXAMPLES.watch)
    .action(async (server: string, flags: WatchFlags) => {
      const { watchServer } = await import('./xds/watch.ts');
      await watchServer(server, flags, io);
    });
  return withSelection(withSource(command));
}

function quiet(): Option {
  return lasting('--quiet <duration>', 'so long without an answer is taken for all there is', '2s');
}

function output(choices: readonly string[], standard: string): Option {
  return new Option('-o, --output <format>', 'how to print it').choices(choices).default(standard);
}

function withSource(command: Command): Command {
  return command
    .option('--node <id>', 'the id of the Envoy as which to ask', 'nekube')
    .option('--cluster <name>', 'the cluster that it is of')
    .option('--metadata <json>', 'its metadata, an object of JSON')
    .addOption(
      new Option('--protocol <protocol>', 'incremental, or the state of the world')
        .choices(['delta', 'world'])
        .default('delta'),
    )
    .option('--ca <file>', 'who signs the server')
    .option('--cert <file>', 'the certificate to show')
    .option('--key <file>', 'its key')
    .option('--server-name <name>', "the name that the server's certificate must have");
}

function withSelection(command: Command): Command {
  const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];
  return command
    .option('--type <type>', 'only resources of this type (cluster, endpoint, secret, …); may be repeated', collect)
    .option('--name <name>', 'only resources of this name; may be repeated', collect);
}

import { Command, Option } from 'commander';
import { collected } from '../cluster-flags.ts';
import type { Io } from '../io.ts';
import { type ResourceFlags, withResourceFlags } from './resource-flags.ts';

/** The flags of `nekube gateway explain`. */
export interface ExplainFlags extends ResourceFlags {
  readonly method?: string;
  readonly header?: readonly string[];
  readonly serverName?: string;
  readonly gateway?: string;
  readonly all?: boolean;
  readonly output: 'text' | 'json' | 'yaml';
}

const EXAMPLES = `
The request is a URL, or a file that has it as it goes over the wire (GET /path HTTP/1.1, headers, an empty line).
Exit status: 0 if something answers, 1 if nothing does (the connection is closed, or 404), 2 for an error.

Examples:
  nekube gateway explain https://shop.example/api/items
  nekube gateway explain http://10.0.0.7/ -H 'Host: shop.example' -H 'X-User: me' -f gateways/
  nekube gateway explain request.http -f gateways/ --all`;

/** `nekube gateway explain`: its flags and help. */
export function explainCommand(io: Io): Command {
  const command = new Command('explain')
    .summary('Say what becomes of a request, and why')
    .description(
      'Say which listener, virtual host, route and backends a request comes by, what is done with it on the way, and why each other candidate has not got it; by the resources of a cluster, or of files alone.',
    )
    .argument('<request>', 'a URL, or a file with a request')
    .option('-X, --method <name>', 'default: GET')
    .option('-H, --header <line>', 'a header as in "Host: shop.example"; may be repeated', collected)
    .option('--server-name <name>', 'what TLS asks for; default: the host of the URL')
    .option('--gateway <namespace/name>', 'only this Gateway; default: all that listen on the port')
    .option('--all', 'all candidates that were not chosen; default: the first ten')
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'json', 'yaml']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async (request: string, flags: ExplainFlags) => {
      const { explainRequest } = await import('./explain.ts');
      await explainRequest(request, flags, io);
    });
  return withResourceFlags(command);
}

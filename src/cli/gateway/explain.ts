import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isParseError } from 'nekube/apimachinery';
import {
  explain,
  type Explanation,
  parseRequestFile,
  printExplanation,
  type RequestHead,
  requestHeadOf,
  translate,
} from 'nekube/gateway';
import { CliError, type Io, NegativeFinding } from '../io.ts';
import type { ExplainFlags } from './explain-command.ts';
import { asData } from './json.ts';
import { printableLines } from '../printable.ts';
import { readResources } from './resources.ts';

/**
 * Says what becomes of a request.
 *
 * @throws NegativeFinding when nothing answers it
 */
export async function explainRequest(request: string, flags: ExplainFlags, io: Io): Promise<void> {
  const head = await readRequest(request, flags, io);
  const { snapshot } = await readResources(flags, io);
  const explanation = explain(translate(snapshot).model, head, flags.gateway);
  if (flags.output !== 'text') io.stdout(asData(explanation, flags.output));
  else io.stdout(printableLines(printExplanation(explanation, { all: flags.all ?? false })));
  if (!isAnswered(explanation)) throw new NegativeFinding('nothing answers this request');
}

function isAnswered({ gateways }: Explanation): boolean {
  return gateways.some(({ answer }) => answer.type !== 'closed' && answer.type !== 'not-found');
}

async function readRequest(
  request: string,
  { method, header, serverName }: ExplainFlags,
  io: Io,
): Promise<RequestHead> {
  const options = { method, headers: header ?? [], serverName };
  try {
    if (/^[a-z]+:\/\//i.test(request)) return requestHeadOf(request, options);
    const text = await fileOf(request, io);
    // what is no file may be a URL without a scheme
    return text === undefined ? requestHeadOf(request, options) : parseRequestFile(text, options);
  } catch (error) {
    if (!isParseError(error)) throw error;
    const line = error.line === undefined ? '' : `, line ${error.line}`;
    throw new CliError(`Cannot read the request ${JSON.stringify(request)}${line}: ${error.message}`, { cause: error });
  }
}

async function fileOf(name: string, io: Io): Promise<string | undefined> {
  if (name === '-') return await io.stdin?.();
  try {
    return await readFile(resolve(io.cwd, name), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CliError(`Cannot read ${JSON.stringify(name)}: ${(error as Error).message}`, { cause: error });
  }
}

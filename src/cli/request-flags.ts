import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from 'nekube/apimachinery';
import { count } from './audit-flags.ts';

/** The flags that bound requests, as commander hands them over; they have the names and defaults of kube-apiserver's. */
export interface RequestFlags {
  readonly maxRequestsInflight: number;
  readonly maxMutatingRequestsInflight: number;
  readonly enablePriorityAndFairness: boolean;
  readonly requestTimeout: number;
}

/** Adds them to a command. */
export function addRequestFlags(command: Command): Command {
  return command
    .option('--max-requests-inflight <number>', 'reading requests that are served at once; 0 no limit', count, 400)
    .option('--max-mutating-requests-inflight <number>', 'writing ones', count, 200)
    .option(
      '--enable-priority-and-fairness <true|false>',
      'share both out by flow schemas and priority levels',
      parseBoolean,
      true,
    )
    .addOption(
      new Option('--request-timeout <duration>', 'how long a request may take that does not run long')
        .argParser(parseTimeout)
        .default(60_000, '1m'),
    );
}

function parseBoolean(text: string): boolean {
  if (!/^(true|false|1|0|t|f)$/i.test(text)) throw new InvalidArgumentError('It must be true or false.');
  return /^(true|1|t)$/i.test(text);
}

/** In milliseconds. */
function parseTimeout(text: string): number {
  try {
    const ms = Number(parseDuration(text)) / 1e6;
    if (ms >= 1 && ms < 2 ** 31) return ms;
  } catch {
    // said below
  }
  throw new InvalidArgumentError('It must be a duration such as 60s or 2m.');
}

import { type JsonValue, stringifyYaml } from 'nekube/apimachinery';
import { configDump } from 'nekube/xds';
import type { Io } from '../io.ts';
import type { DumpFlags } from '../xds-command.ts';
import { readSource } from './source.ts';

/** Prints what a source has. @throws CliError, NegativeFinding */
export async function dumpSource(source: string, flags: DumpFlags, io: Io): Promise<void> {
  const dump = configDump(await readSource(source, flags, io)) as unknown as JsonValue;
  io.stdout(flags.output === 'json' ? `${JSON.stringify(dump, undefined, 2)}\n` : stringifyYaml(dump));
}

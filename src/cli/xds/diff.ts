import { type JsonValue, stringifyYaml } from 'nekube/apimachinery';
import { type Collected, redact, RESOURCE_TYPES } from 'nekube/xds';
import { type Io, NegativeFinding } from '../io.ts';
import type { DiffFlags } from '../xds-command.ts';
import { changedLines } from './changed-lines.ts';
import { readSource } from './source.ts';

/** Prints how two sources differ. @throws CliError; NegativeFinding: they do */
export async function diffSources(sources: readonly [string, string], flags: DiffFlags, io: Io): Promise<void> {
  const [before, after] = (await Promise.all(sources.map((source) => readSource(source, flags, io)))) as [
    Collected,
    Collected,
  ];
  const differences = differencesOf(before, after);
  for (const { title, lines } of differences) io.stdout(`${title}\n${lines.map((line) => `${line}\n`).join('')}`);
  if (differences.length > 0) {
    const what = differences.length === 1 ? '1 resource differs' : `${differences.length} resources differ`;
    throw new NegativeFinding(what);
  }
}

interface Difference {
  readonly title: string;
  readonly lines: readonly string[];
}

/** One for each resource that is not the same in both, by type and name. */
function differencesOf(before: Collected, after: Collected): Difference[] {
  return RESOURCE_TYPES.flatMap((type) => {
    const names = new Set([before, after].flatMap((one) => [...(one.get(type.url)?.keys() ?? [])]));
    const text = (of: Collected, name: string): string => textOf(type.message, of.get(type.url)?.get(name)?.message);
    return [...names].sort().flatMap((name) => {
      const [a, b] = [text(before, name), text(after, name)];
      if (a === b) return [];
      const sign = a === '' ? '+' : b === '' ? '-' : '~';
      return [{ title: `${sign} ${type.name} ${name}`, lines: changedLines(a, b) }];
    });
  });
}

function textOf(messageName: string, message: unknown): string {
  return message === undefined ? '' : stringifyYaml(sorted(redact(messageName, message)) as JsonValue);
}

/** Keys in order: the order in which a source has them means nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]));
}

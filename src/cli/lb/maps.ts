import type { MapSpec } from 'nekube/bpf';
import { type EntryView, heldFor, type MemoryUse, nodeProgramsFor, viewContents } from 'nekube/loadbalancer';
import { CliError, type Io } from '../io.ts';
import { formatTable } from '../table.ts';
import type { MapsFlags } from './maps-command.ts';
import { readConfig } from './node-config.ts';
import { withPinned } from './pinned.ts';

/** Maps that can be looked at. */
interface Shown {
  readonly specs: readonly MapSpec[];
  entries(name: string): readonly EntryView[];
  /** How those have done that let entries go. */
  memoryUse?(): readonly MemoryUse[];
}

/** Prints the maps of this node, or of a file's frontends. */
export async function printMaps(name: string | undefined, flags: MapsFlags, io: Io): Promise<void> {
  if (flags.filename !== undefined) {
    const config = await readConfig(flags.filename, io);
    const { specs } = nodeProgramsFor(config.options);
    const held = viewContents(heldFor(config.frontends).contents, specs);
    print({ specs, entries: (map) => held.get(map) ?? [] }, name, flags, io);
  } else await withPinned(flags.pins, (maps) => print(maps, name, flags, io));
}

function print(maps: Shown, name: string | undefined, { output }: MapsFlags, io: Io): void {
  if (name === undefined) return printList(maps, output, io);
  if (!maps.specs.some((spec) => spec.name === name)) {
    const hint = '"nekube lb maps" lists them';
    throw new CliError(`There is no map ${JSON.stringify(name)}`, { hint });
  }
  const entries = maps.entries(name);
  if (output === 'json') io.stdout(`${JSON.stringify(entries, null, 2)}\n`);
  else for (const { key, value } of entries) io.stdout(`${shown(key)} → ${shown(value)}\n`);
}

function printList(maps: Shown, output: MapsFlags['output'], io: Io): void {
  const { specs } = maps;
  const entries = (name: string) => maps.entries(name);
  const uses = new Map((maps.memoryUse?.() ?? []).map((use) => [use.name, use]));
  if (output === 'json') {
    const all = specs.map(({ name, type, maxEntries }) => {
      const { refused, evicted } = uses.get(name) ?? {};
      return { name, type, maxEntries, refused, evicted, entries: entries(name) };
    });
    io.stdout(`${JSON.stringify(all, null, 2)}\n`);
    return;
  }
  const rows = specs.map(({ name, type, key, value, maxEntries }) => [
    ...[name, type, `${key.size}`, `${value.size}`, `${maxEntries}`],
    // of arrays all that there is room for is there
    type.endsWith('array') || type === 'ringbuf' ? '' : `${entries(name).length}`,
    ...[uses.get(name)?.evicted ?? '', uses.get(name)?.refused ?? ''].map(String),
  ]);
  const header = ['MAP', 'TYPE', 'KEY', 'VALUE', 'ROOM FOR', 'ENTRIES', 'EVICTED', 'REFUSED'];
  io.stdout(formatTable([header, ...rows], { right: [2, 3, 4, 5, 6, 7] }));
}

/** A field after the other: `address=10.96.0.10 port=80`. */
function shown(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(
      ([name, field]) =>
        `${name}=${field !== null && typeof field === 'object' ? JSON.stringify(field) : String(field)}`,
    )
    .join(' ');
}

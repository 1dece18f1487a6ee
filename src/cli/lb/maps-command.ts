import { Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { pinsOption } from './pins-option.ts';

/** The flags of `nekube lb maps`. */
export interface MapsFlags {
  readonly output: 'text' | 'json';
  readonly filename?: string;
  readonly pins: string;
}

const EXAMPLES = `
With -f the maps are what they would be for a file as "nekube lb test-run" has it; that needs no rights.

Examples:
  nekube lb maps
  nekube lb maps services4
  nekube lb maps flows4 -o json
  nekube lb maps -f node.yaml backends4`;

/** `nekube lb maps`: its flags and help. */
export function mapsCommand(io: Io): Command {
  return new Command('maps')
    .summary('Print what the maps of this node hold')
    .description('Print the maps of this node, or what one of them holds: an element a line, decoded.')
    .argument('[map]', 'the name of a map; default: a list of all')
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'json']).default('text'))
    .option('-f, --filename <file>', 'the frontends of a file in YAML or JSON instead of what is pinned')
    .addOption(pinsOption())
    .addHelpText('after', EXAMPLES)
    .action(async (map: string | undefined, flags: MapsFlags) => {
      const { printMaps } = await import('./maps.ts');
      await printMaps(map, flags, io);
    });
}

import { Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { agentOption, pinsOption } from './pins-option.ts';

/** The flags of `nekube lb trace`. */
export interface TraceFlags {
  readonly output: 'text' | 'json';
  readonly filename?: string;
  readonly pins: string;
  readonly agent: string;
}

const EXAMPLES = `
Nothing is sent: the programs are interpreted on a copy of what the maps hold, or of what they would hold for a file as
"nekube lb test-run" has it, which needs no rights. Flows that are known already are not looked at.

Exit status: 0 if the packet reaches a pod, 1 if not, 2 for an error.

Examples:
  nekube lb trace "tcp 10.1.0.2:4000 > 10.96.0.10:80"
  nekube lb trace -f node.yaml "udp [2001:db8::7]:4000 > [fd00:96::a]:53"
  nekube lb trace -o json 0200000000010200000000020800450000280001...`;

/** `nekube lb trace`: its flags and help. */
export function traceCommand(io: Io): Command {
  return new Command('trace')
    .summary('Follow a packet to its pod and the answer back')
    .description(
      'Follow a client’s packet to the pod that it gets, and the answer back, with what is written into both on the way.',
    )
    .argument('<packet>', 'as "tcp ADDRESS:PORT > ADDRESS:PORT", or a whole packet in hexadecimal digits')
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'json']).default('text'))
    .option('-f, --filename <file>', 'the frontends of a file in YAML or JSON instead of what is pinned')
    .addOption(pinsOption())
    .addOption(agentOption())
    .addHelpText('after', EXAMPLES)
    .action(async (packet: string, flags: TraceFlags) => {
      const { tracePacket } = await import('./trace.ts');
      await tracePacket(packet, flags, io);
    });
}

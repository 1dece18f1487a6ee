import {
  ConfigError,
  DEFAULT_DATAPATH,
  heldFor,
  packetFromWords,
  parsePacket,
  placeText,
  planAgent,
  readDevices,
  trace,
  type Trace,
  type TraceOptions,
  type TraceStep,
} from 'nekube/loadbalancer';
import { CliError, type Io, messageOf, NegativeFinding } from '../io.ts';
import { formatTable } from '../table.ts';
import { placeOf } from './frontend-rows.ts';
import { readConfig } from './node-config.ts';
import { namesOf, withPinned } from './pinned.ts';
import type { TraceFlags } from './trace-command.ts';

/**
 * Prints a packet's way.
 *
 * @throws NegativeFinding it reaches no pod
 */
export async function tracePacket(text: string, flags: TraceFlags, io: Io): Promise<void> {
  const packet = read(text);
  const { filename, pins, agent } = flags;
  if (filename !== undefined) {
    const { options, frontends } = await readConfig(filename, io);
    return print(trace(packet, { options, contents: heldFor(frontends).contents }), undefined, flags, io);
  }
  await withPinned(pins, async (maps) => {
    const traced = trace(packet, { options: ownOptions(), contents: maps.contents() });
    const names = traced.frontend === undefined ? undefined : await namesOf(agent);
    print(traced, names?.get(traced.frontend?.counter ?? 0), flags, io);
  });
}

/** @throws CliError it is neither words nor digits */
function read(text: string): Uint8Array {
  try {
    return text.includes('>') ? packetFromWords(text) : parsePacket(text);
  } catch (cause) {
    if (!(cause instanceof RangeError) && !(cause instanceof ConfigError)) throw cause;
    const hint = 'say it as "tcp 10.1.0.2:4000 > 10.96.0.10:80" (tcp or udp, from whom, to whom), or by its bytes';
    throw new CliError(`Cannot read the packet: ${cause.message}`, { cause, hint });
  }
}

/** This node, as an agent without flags would have it. */
function ownOptions(): TraceOptions['options'] {
  try {
    return { ...DEFAULT_DATAPATH, ...planAgent({ mode: 'snat' }, { addresses: [], devices: readDevices() }) };
  } catch (cause) {
    throw new CliError(messageOf(cause), { cause });
  }
}

function print(traced: Trace, name: string | undefined, { output }: TraceFlags, io: Io): void {
  const { frontend, backend, why, steps } = traced;
  if (output === 'json') {
    const { key: _key, backends: _backends, ...shown } = frontend ?? {};
    io.stdout(
      `${JSON.stringify({ ...(frontend && { frontend: { name, ...shown } }), backend, why, steps }, null, 2)}\n`,
    );
  } else {
    if (frontend !== undefined)
      io.stdout(`frontend  ${placeOf(frontend)}, ${frontend.mode}${name ? `, of ${name}` : ''}\n`);
    io.stdout(
      backend === undefined
        ? `backend   none: ${why}\n\n`
        : `backend   ${placeText(backend.address, backend.port)}: ${why}\n\n`,
    );
    io.stdout(formatTable([['AT', 'DOES', 'PACKET'], ...steps.map(row)]));
  }
  if (backend === undefined) throw new NegativeFinding(`The packet reaches no pod: ${why}`);
}

function row({ at, verdict, counters = {}, packet }: TraceStep): string[] {
  const counted = Object.keys(counters).join(', ');
  return [at, counted === '' ? (verdict ?? '') : `${verdict} (${counted})`, packet];
}

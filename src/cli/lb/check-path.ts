import {
  answerProbes,
  modesFor,
  optionVerdict,
  type PathFacts,
  probePath,
  recommended,
  whyNoOptions,
} from 'nekube/loadbalancer';
import { formatAddress, type ListenAddress, parseListenAddress, readAddress } from '../address.ts';
import { CliError, type Io, messageOf, NegativeFinding } from '../io.ts';
import { formatTable } from '../table.ts';
import type { CheckFlags } from './check-command.ts';

/** Answers probes until it is interrupted. */
export async function listenForProbes(listen: string, io: Io): Promise<void> {
  const { host, port } = parseListenAddress(listen);
  const place = { host: host === '' ? '::' : host, port };
  await answerProbes(place, io.signal, (bound, notes) => {
    for (const note of notes) io.stderr(`nekube: ${note}\n`);
    io.stderr(`nekube: probes are answered at ${formatAddress({ host: place.host, port: bound })}\n`);
  });
}

/**
 * Probes the path to another node, and prints what it does.
 *
 * @throws NegativeFinding the other node does not answer
 */
export async function checkPath({ peer = '', output }: CheckFlags, io: Io): Promise<void> {
  const facts = await probed(peer);
  const modes = modesFor(facts);
  if (output === 'json')
    io.stdout(
      `${JSON.stringify({ ...facts, optionsAre: optionVerdict(facts), modes, recommended: recommended(facts) }, null, 2)}\n`,
    );
  else io.stdout(text(facts));
  if (facts.plain.answered === 0) throw new NegativeFinding(`${peer} answers no probes`);
}

async function probed(peer: string): Promise<PathFacts> {
  const place = placeOf(peer);
  try {
    return await probePath(place);
  } catch (cause) {
    throw new CliError(whyNoOptions(cause) ?? messageOf(cause), { cause });
  }
}

/** @throws CliError it names no other node: both a host and a port are needed */
function placeOf(peer: string): ListenAddress {
  const place = readAddress(peer);
  if (place !== undefined && place.host !== '' && place.port !== 0) return place;
  const hint = 'give HOST:PORT, as "nekube lb check --listen" on the other node says it';
  throw new CliError(`Cannot probe ${JSON.stringify(peer)}: it is no address of a node`, { hint });
}

function text(facts: PathFacts): string {
  const { plain, options, mtu, deviceMtu } = facts;
  const count = ({ sent, answered, medianMs }: PathFacts['plain']): string =>
    `${answered} of ${sent} answered${medianMs === undefined ? '' : `, half of them in ${medianMs.toFixed(2)} ms`}`;
  const best = recommended(facts);
  const within = ({ tunnels = {} }: PathFacts, tunnel: 'ipip' | 'geneve'): string => {
    const found = tunnels[tunnel];
    return found === undefined
      ? 'not probed: the other node does not hear it'
      : `${count(found)}; packets up to ${found.mtu} bytes`;
  };
  const rows = modesFor(facts).map(({ mode, fits, why }) => [mode, fits ? 'yes' : 'no', why]);
  return [
    `packets                ${count(plain)}\n`,
    `with options of IP     ${count(options)}: ${optionVerdict(facts)}\n`,
    ...(['ipip', 'geneve'] as const).map((tunnel) => `${`within ${tunnel}`.padEnd(23)}${within(facts, tunnel)}\n`),
    `largest packet         ${mtu} bytes, of ${deviceMtu} that the device takes\n\n`,
    formatTable([['MODE', 'FITS', 'WHY'], ...rows]),
    best === undefined ? '' : `\nrecommended: --mode ${best.mode}: ${best.why}\n`,
  ].join('');
}

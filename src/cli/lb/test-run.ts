import { isBpfError, isNotSupportedError } from 'nekube/bpf';
import { type PacketRunConfig, type PacketRunner, packetRunner, parsePacket } from 'nekube/loadbalancer';
import { CliError, type Io } from '../io.ts';
import { readConfig, understood } from './node-config.ts';
import type { TestRunFlags } from './test-run-command.ts';

type Engine = NonNullable<TestRunFlags['engine']>;

/**
 * Runs packets, and prints a line of JSON for each.
 *
 * @throws CliError the configuration, or a packet, is not as it must be; or the kernel is asked for and does not load programs here
 */
export async function testRun({ config: file, packet: packets, program, engine }: TestRunFlags, io: Io): Promise<void> {
  const config = await readConfig(file, io);
  const runs = packets.map((text, i) => ({
    program,
    packet: understood(`--packet ${i + 1}`, () => parsePacket(text)),
  }));
  const { runner, by } = started(config, engine, file);
  try {
    for (const run of runs) {
      const { verdict, packet, counters } = ran(runner, run);
      const line = { verdict, packet: Buffer.from(packet).toString('hex'), counters, engine: by };
      io.stdout(`${JSON.stringify(line)}\n`);
    }
  } finally {
    runner.close();
  }
}

function ran(runner: PacketRunner, run: Parameters<PacketRunner['run']>[0]): ReturnType<PacketRunner['run']> {
  try {
    return runner.run(run);
  } catch (error) {
    if (!isBpfError(error, 'EINVAL')) throw error;
    throw new CliError(`The kernel does not run a packet of ${run.packet.length} bytes: ${error.message}`, {
      cause: error,
      hint: 'give it with all of its headers, or use --engine interpreter',
    });
  }
}

/** Where it is not said by what, the kernel, or else the interpreter. */
function started(
  config: PacketRunConfig,
  engine: Engine | undefined,
  file: string,
): { readonly runner: PacketRunner; readonly by: Engine } {
  const start = (by: Engine) => ({ runner: packetRunner(by, config), by });
  try {
    return start(engine ?? 'kernel');
  } catch (error) {
    if (error instanceof RangeError)
      throw new CliError(`Cannot use ${JSON.stringify(file)}: ${error.message}`, { cause: error });
    if (!isNotSupportedError(error) && !isBpfError(error, 'EPERM') && !isBpfError(error, 'EACCES')) throw error;
    if (engine === undefined) return start('interpreter');
    throw new CliError(`Cannot run programs in the kernel: ${error.message}`, {
      cause: error,
      hint: 'root may, or who has CAP_BPF and CAP_NET_ADMIN; or use --engine interpreter',
    });
  }
}

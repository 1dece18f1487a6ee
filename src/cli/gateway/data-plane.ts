import { resolve } from 'node:path';
import type { DataPlane } from 'nekube/gateway';
import type { Metrics } from 'nekube/metrics';
import { CliError, type Io, messageOf } from '../io.ts';

/** A data plane, and the ways in which it ends. */
export interface OpenPlane {
  readonly dataPlane: DataPlane;
  /** Ends it when its connections have, or the time is over; with `--leave-envoy` Envoy goes on. */
  end(drainMs: number): Promise<void>;
  /** Ends it without waiting for anything. */
  endAtOnce(): void;
}

/** Which data plane, and where. */
export interface PlaneFlags {
  readonly dataPlane: 'envoy' | 'embedded';
  readonly envoy: string;
  readonly envoyFolder: string;
  readonly leaveEnvoy?: boolean;
  /** Default: one process, and what is usual for Envoy. */
  readonly concurrency?: number;
}

/** Opens the data plane that the flags name. @throws CliError there is no Envoy, or it cannot be run in the folder */
export async function openDataPlane(
  { dataPlane, envoy, envoyFolder, leaveEnvoy = false, concurrency }: PlaneFlags,
  metrics: Metrics,
  io: Io,
): Promise<OpenPlane> {
  const { EmbeddedDataPlane, EnvoyDataPlane } = await import('nekube/gateway');
  if (dataPlane === 'embedded') {
    if (leaveEnvoy) throw new CliError('--leave-envoy is about Envoy', { hint: 'add --data-plane envoy' });
    const plane = new EmbeddedDataPlane({ concurrency: concurrency ?? 1 });
    return { dataPlane: plane, end: (drainMs) => plane.close({ drainMs }), endAtOnce() {} };
  }
  const folder = resolve(io.cwd, envoyFolder);
  const log = (line: string): void => io.stderr(`nekube: ${line}\n`);
  try {
    const plane = await EnvoyDataPlane.start({
      ...{ envoy, folder, env: io.env, log, metrics },
      ...(concurrency !== undefined && { concurrency }),
    });
    return {
      dataPlane: plane,
      async end(drainMs) {
        if (!leaveEnvoy) return plane.close({ drainMs });
        const { pid } = plane.process;
        await plane.leave();
        log(`Envoy is left (process ${pid}); with --envoy-folder ${folder} it is taken over`);
      },
      endAtOnce: () => leaveEnvoy || plane.endAtOnce(),
    };
  } catch (cause) {
    const hint = 'name an Envoy with --envoy and its folder with --envoy-folder, or do without: --data-plane embedded';
    throw new CliError(messageOf(cause), { hint, cause });
  }
}

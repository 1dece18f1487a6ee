import { resolve } from 'node:path';
import type { DataPlane } from 'nekube/gateway';
import { CliError, type Io, messageOf } from '../io.ts';
import type { RunFlags } from './run-command.ts';

/** Opens the data plane that the flags name. @throws CliError there is no Envoy, or it cannot be run in the folder */
export async function openDataPlane({ dataPlane, envoy, envoyFolder }: RunFlags, io: Io): Promise<DataPlane> {
  const { EmbeddedDataPlane, EnvoyDataPlane } = await import('nekube/gateway');
  if (dataPlane === 'embedded') return new EmbeddedDataPlane();
  const folder = resolve(io.cwd, envoyFolder);
  try {
    return await EnvoyDataPlane.start({ envoy, folder, env: io.env, log: (line) => io.stderr(`nekube: ${line}\n`) });
  } catch (cause) {
    const hint = 'name an Envoy with --envoy and its folder with --envoy-folder, or do without: --data-plane embedded';
    throw new CliError(messageOf(cause), { hint, cause });
  }
}

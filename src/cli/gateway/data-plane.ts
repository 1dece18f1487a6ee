import type { DataPlane } from 'nekube/gateway';
import { CliError, type Io } from '../io.ts';
import type { RunFlags } from './run-command.ts';

/** Opens the data plane that the flags name. @throws CliError there is no Envoy */
export async function openDataPlane({ dataPlane }: RunFlags, _io: Io): Promise<DataPlane> {
  const { EmbeddedDataPlane } = await import('nekube/gateway');
  if (dataPlane === 'embedded') return new EmbeddedDataPlane();
  throw new CliError('There is no Envoy');
}

import { ConfigError, type PacketRunConfig, readPacketRunConfig } from 'nekube/loadbalancer';
import { readDocuments } from '../documents.ts';
import { CliError, type Io } from '../io.ts';

/**
 * Reads a node and its frontends from a file.
 *
 * @throws CliError it is not as it must be, with the place
 */
export async function readConfig(file: string, io: Io): Promise<PacketRunConfig> {
  const [document, ...others] = await readDocuments(file, io);
  const name = JSON.stringify(file);
  if (document === undefined || others.length > 0)
    throw new CliError(`Cannot use ${name}: it must have one document, and has ${others.length + (document ? 1 : 0)}`);
  return understood(name, () => readPacketRunConfig(document.value));
}

/** What is read; of what is not as it must be, it is said where it stands. */
export function understood<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError) throw new CliError(`Cannot use ${what}: ${error.message}`, { cause: error });
    throw error;
  }
}

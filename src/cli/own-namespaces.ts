import { type Gate, mustEnter, openGate, runInNamespaces } from 'nekube/network';
import { CliError, messageOf } from './io.ts';
import type { NodeFlags } from './node-flags.ts';

/**
 * Runs this program again within namespaces of its own, if pods are to have theirs and it lacks the rights where it is; this
 * process then lets connections in, and ends with the other.
 *
 * @returns what lets connections in, where this is the program within; else undefined
 * @throws CliError it cannot be
 */
export async function enterNamespaces(mode: NodeFlags['network']): Promise<Gate | undefined> {
  const gate = await openGate();
  if (gate !== undefined || !(await mustBe(mode))) return gate;
  process.exit(await runInNamespaces(process.argv.slice(1)));
}

async function mustBe(mode: NodeFlags['network']): Promise<boolean> {
  try {
    return await mustEnter(mode);
  } catch (cause) {
    throw new CliError(messageOf(cause), { hint: 'leave out --network, or give another (docs/network.md)', cause });
  }
}

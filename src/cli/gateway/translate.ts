import { concealed, ResourceBuilder, translate, type Translation } from 'nekube/gateway';
import type { Io } from '../io.ts';
import { asData } from './json.ts';
import { printable } from '../printable.ts';
import { readResources } from './resources.ts';
import type { TranslateFlags } from './translate-command.ts';
import { unservedLines } from './unserved.ts';

/** Prints what resources become, and says on stderr which gateways are not served. */
export async function translateResources(flags: TranslateFlags, io: Io): Promise<void> {
  const { snapshot } = await readResources(flags, io);
  const translation = translate(snapshot);
  const shown = shownOf(translation, flags.output);
  io.stdout(asData(shown, flags.json ? 'json' : 'yaml'));
  for (const line of unservedLines(snapshot, translation.statuses)) io.stderr(`nekube: ${printable(line)}\n`);
}

function shownOf({ model, statuses }: Translation, output: TranslateFlags['output']): unknown {
  if (output === 'status') return statuses;
  const shown = concealed(model);
  return output === 'model' ? shown : new ResourceBuilder(MACHINE).build(shown);
}

/** What resources would depend on the machine for, as it is on most. */
const MACHINE = { anyAddress: '::', systemCa: '/etc/ssl/certs/ca-certificates.crt' };

import { type JsonValue, stringifyYaml } from 'nekube/apimachinery';
import { concealed, ResourceBuilder, translate, type Translation } from 'nekube/gateway';
import type { Io } from '../io.ts';
import { asJson, plain } from './json.ts';
import { readResources } from './resources.ts';
import type { TranslateFlags } from './translate-command.ts';

/** Prints what resources become. */
export async function translateResources(flags: TranslateFlags, io: Io): Promise<void> {
  const { snapshot } = await readResources(flags, io);
  const shown = shownOf(translate(snapshot), flags.output);
  io.stdout(flags.json ? asJson(shown) : stringifyYaml(plain(shown) as JsonValue));
}

function shownOf({ model, statuses }: Translation, output: TranslateFlags['output']): unknown {
  if (output === 'status') return statuses;
  const shown = concealed(model);
  return output === 'model' ? shown : new ResourceBuilder(MACHINE).build(shown);
}

/** What resources would depend on the machine for, as it is on most. */
const MACHINE = { anyAddress: '::', systemCa: '/etc/ssl/certs/ca-certificates.crt' };

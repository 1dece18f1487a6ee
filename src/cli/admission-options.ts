import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  parseAdmissionConfiguration,
  type PluginConfigurations,
  type PluginSelection,
  selectionProblems,
} from 'nekube/apiserver';
import type { AdmissionFlags } from './admission-flags.ts';
import { CliError, messageOf } from './io.ts';

/**
 * What the flags say about admission plugins.
 *
 * @throws CliError for plugins that do not exist, for some that are to be on and off, and for a file of no use
 */
export function admissionOptions(flags: AdmissionFlags, cwd: string): PluginSelection {
  const selection = { enable: namesIn(flags.enableAdmissionPlugins), disable: namesIn(flags.disableAdmissionPlugins) };
  const [problem] = selectionProblems(selection);
  if (problem !== undefined)
    throw new CliError(`Cannot choose the admission plugins: ${problem}`, {
      hint: "give names of kube-apiserver's plugins, with commas between, in one of the two flags",
    });
  const file = flags.admissionControlConfigFile;
  return file === undefined ? selection : { ...selection, configurations: readConfigurations(resolve(cwd, file)) };
}

function namesIn(text = ''): string[] {
  return text.split(',').filter((name) => name !== '');
}

/** Files that it names are beside it. */
function readConfigurations(path: string): PluginConfigurations {
  const read = (file: string): string => readFileSync(file, 'utf8');
  try {
    return parseAdmissionConfiguration(read(path), (named) => read(resolve(dirname(path), named)));
  } catch (cause) {
    throw new CliError(`Cannot read the admission configuration "${path}": ${messageOf(cause)}`, {
      hint: 'give a readable file of kind AdmissionConfiguration with --admission-control-config-file',
      cause,
    });
  }
}

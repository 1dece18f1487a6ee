import { type PluginSelection, selectionProblems } from 'nekube/apiserver';
import { CliError } from './io.ts';

/**
 * Reads `--enable-admission-plugins` and `--disable-admission-plugins`, lists with commas.
 *
 * @throws CliError for plugins that do not exist, and for some that are in both
 */
export function parseAdmissionPlugins(enabled: string | undefined, disabled: string | undefined): PluginSelection {
  const selection = { enable: namesIn(enabled), disable: namesIn(disabled) };
  const [problem] = selectionProblems(selection);
  if (problem !== undefined)
    throw new CliError(`Cannot choose the admission plugins: ${problem}`, {
      hint: "give names of kube-apiserver's plugins, with commas between, in one of the two flags",
    });
  return selection;
}

function namesIn(text = ''): string[] {
  return text.split(',').filter((name) => name !== '');
}

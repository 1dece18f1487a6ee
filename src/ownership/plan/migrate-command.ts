import { parseApiVersion } from 'nekube/apimachinery';
import type { Configuration } from '../field-conflicts.ts';

/** The command that gives what an `Update` manager owns to the one that applies. */
export function migrateCommand(configuration: Configuration, fieldManager: string, from: string): string {
  const { apiVersion, kind, metadata } = configuration;
  const group = parseApiVersion(apiVersion)?.group ?? '';
  const resource = `${kind.toLowerCase()}${group === '' ? '' : `.${group}`}`;
  const namespace = metadata.namespace === undefined ? '' : ` -n ${word(metadata.namespace)}`;
  return `nekube own migrate ${word(`${resource}/${metadata.name}`)}${namespace} --manager ${word(fieldManager)} --from ${word(from)}`;
}

/** As a shell reads it. */
function word(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

import { isJsonObject, type JsonObject, parseYaml } from 'nekube/apimachinery';

const API_VERSIONS = ['apiserver.config.k8s.io/v1', 'apiserver.k8s.io/v1alpha1'];
const KIND = 'AdmissionConfiguration';

/** What plugins are configured with, by their names. */
export type PluginConfigurations = ReadonlyMap<string, JsonObject>;

/**
 * Reads the file of kube-apiserver's `--admission-control-config-file`: AdmissionConfiguration, as YAML or JSON.
 *
 * @param read gives the text of a file that a plugin's entry names instead of having its configuration
 * @throws Error that says what is wrong
 */
export function parseAdmissionConfiguration(text: string, read: (path: string) => string): PluginConfigurations {
  const whole = objectIn(text);
  // once a file was for one plugin alone
  if (whole.podNodeSelectorPluginConfig !== undefined) return new Map([['PodNodeSelector', whole]]);
  if (whole.kind !== KIND || !API_VERSIONS.includes(String(whole.apiVersion)))
    throw new Error(
      `no kind ${JSON.stringify(whole.kind ?? '')} is registered for version ${JSON.stringify(whole.apiVersion ?? '')}`,
    );
  const entries = (whole.plugins ?? []) as readonly JsonObject[];
  if (!Array.isArray(entries) || !entries.every(isJsonObject)) throw new Error('plugins must be a list of objects');
  const found = new Map<string, JsonObject>();
  for (const { name, path, configuration } of entries) {
    if (typeof name !== 'string' || found.has(name)) continue;
    if (isJsonObject(configuration ?? null)) found.set(name, configuration as JsonObject);
    else if (typeof path === 'string' && path !== '') found.set(name, objectIn(read(path)));
  }
  return found;
}

function objectIn(text: string): JsonObject {
  const value = parseYaml(text) ?? {};
  if (!isJsonObject(value)) throw new Error('it must be an object');
  return value;
}

/** The configuration of a plugin, which must be of this kind of one of these versions; undefined without one. */
export function configurationOf(
  configurations: PluginConfigurations | undefined,
  plugin: string,
  kind: string,
  versions: readonly string[],
): JsonObject | undefined {
  const found = configurations?.get(plugin);
  if (found === undefined) return undefined;
  if (found.kind === kind && versions.includes(String(found.apiVersion))) return found;
  throw new Error(`the configuration of ${plugin} must be a ${kind} of ${versions.join(' or ')}`);
}

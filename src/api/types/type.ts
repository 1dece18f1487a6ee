import { goFacts } from './go-types.ts';

/** The type of a kind or of a part of one; made by {@link typeOf}, used by the decoders and schemas. */
export interface StructType {
  /** Its short Go name, such as `core/v1.Pod`. */
  readonly name: string;
  /** The name of its schema in OpenAPI, such as `io.k8s.api.core.v1.Pod`. */
  readonly schemaName: string;
  /** kube-apiserver stores it as JSON, so that empty lists stay what they are; all others go through protobuf. */
  readonly storedAsJson: boolean;
}

/** Packages of Go types whose schemas are not in `io.k8s.api`. */
const packages: Readonly<Record<string, string>> = {
  'meta/v1': 'io.k8s.apimachinery.pkg.apis.meta.v1',
  resource: 'io.k8s.apimachinery.pkg.api.resource',
  intstr: 'io.k8s.apimachinery.pkg.util.intstr',
  runtime: 'io.k8s.apimachinery.pkg.runtime',
  'apiextensions/v1': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
  'apiregistration/v1': 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1',
};

const types = new Map<string, StructType>();

/** The type of a kind, also of lists, options, Status and Table; undefined for a kind that is not built in. */
export function typeOf(apiVersion: string, kind: string): StructType | undefined {
  const name = goFacts().kinds[`${apiVersion}/${kind}`];
  return name === undefined ? undefined : structType(name);
}

/** The type with a short Go name, for parts of kinds such as `meta/v1.ObjectMeta`. @throws TypeError when unknown */
export function structType(name: string): StructType {
  let type = types.get(name);
  if (type === undefined) {
    if (!(name in goFacts().structs)) throw new TypeError(`no Go struct "${name}"`);
    type = { name, schemaName: schemaNameOf(name), storedAsJson: /^api(extensions|registration)\//.test(name) };
    types.set(name, type);
  }
  return type;
}

/** The name under which OpenAPI has the schema of a Go type. */
export function schemaNameOf(name: string): string {
  const dot = name.lastIndexOf('.');
  const path = name.slice(0, dot);
  return `${packages[path] ?? `io.k8s.api.${path.replaceAll('/', '.')}`}.${name.slice(dot + 1)}`;
}

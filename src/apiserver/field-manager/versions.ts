import { errorText, type KubeObject, parseApiVersion } from 'nekube/apimachinery';
import { type ParseableType, TypedValue, type Value, Violations } from 'nekube/smd';
import { type ConvertLater, ConversionNeeded } from './conversions.ts';

/** A kind in all its served versions. */
export interface VersionedKind {
  /** The type of the kind in a version; undefined when there is no such version. The same at every call. */
  typeIn(apiVersion: string): ParseableType | undefined;
  /**
   * The object in another served version. Objects that are being pruned come here too, and may lack anything but
   * apiVersion and kind.
   *
   * @throws Error where the conversion fails
   */
  convert(object: KubeObject, apiVersion: string): KubeObject;
  /** Instead of `convert`, where conversions have to be waited for: such a kind is written by `FieldManager.settle` alone. */
  readonly convertLater?: ConvertLater;
  /** What is said of owners in a version that there is not; without it, what they own is forgotten. */
  missing?(apiVersion: string): string;
}

/**
 * Gives typed objects in other versions; undefined for a version that there is not.
 *
 * Objects are converted once for each version, however many managers have written in it.
 */
export function converterOf(
  kind: VersionedKind,
): (object: TypedValue, apiVersion: string) => TypedValue | Violations | undefined {
  const converted = new WeakMap<TypedValue, Map<string, TypedValue | Violations>>();
  return (object, apiVersion) => {
    if (apiVersionOfTyped(object) === apiVersion) return object;
    const type = kind.typeIn(apiVersion);
    if (type === undefined) return kind.missing && Violations.of(kind.missing(apiVersion));
    const known = converted.get(object) ?? new Map<string, TypedValue | Violations>();
    converted.set(object, known);
    const result = known.get(apiVersion) ?? convertTyped(kind, object, apiVersion, type);
    known.set(apiVersion, result);
    return result;
  };
}

function apiVersionOfTyped(object: TypedValue): string | undefined {
  return (object.value as unknown as KubeObject | null)?.apiVersion;
}

function convertTyped(
  kind: VersionedKind,
  object: TypedValue,
  apiVersion: string,
  type: ParseableType,
): TypedValue | Violations {
  try {
    return type.parse(kind.convert(object.value as unknown as KubeObject, apiVersion) as unknown as Value);
  } catch (error) {
    if (error instanceof ConversionNeeded) throw error;
    return Violations.of(errorText(error));
  }
}

/** A kind in a version as Go prints it: `apps/v1, Kind=Deployment`; without either where the version cannot be read. */
export function formatGroupVersionKind(apiVersion: unknown, kind: unknown): string {
  const gv = parseApiVersion(typeof apiVersion === 'string' ? apiVersion : '');
  if (gv === undefined) return '/, Kind=';
  return `${gv.group}/${gv.version}, Kind=${typeof kind === 'string' ? kind : ''}`;
}

/** An object as messages name it: `namespace/name; apps/v1, Kind=Deployment`. */
export function formatObject(object: KubeObject): string {
  const { name, namespace } = (object.metadata ?? {}) as { name?: unknown; namespace?: unknown };
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return `${text(namespace)}/${text(name)}; ${formatGroupVersionKind(object.apiVersion, object.kind)}`;
}

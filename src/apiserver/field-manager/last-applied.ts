import {
  type JsonObject,
  type JsonValue,
  isJsonObject,
  type KubeObject,
  parseJson,
  stringifyJson,
} from 'nekube/apimachinery';
import { type Conflict, emptySet, type FieldSet, type ParseableType, Violations } from 'nekube/smd';

/** Where kubectl keeps what it applied, when it applies on its own side. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** What all annotations of an object may take, in bytes of keys and values. */
const maxAnnotationsBytes = 256 * 1024;

/**
 * The conflicts that stay when kubectl comes over from client-side apply: a field that still has the value of the last
 * applied configuration is kubectl's own, whoever is said to own it.
 */
export function conflictsBesideLastApplied(
  conflicts: readonly Conflict[],
  live: KubeObject,
  type: ParseableType,
): readonly Conflict[] {
  const own = ownByLastApplied(live, type);
  return conflicts.filter((conflict) => !own.has(conflict.path));
}

/** The fields of the annotation that the live object still has as they are there; none, if anything is wrong with it. */
function ownByLastApplied(live: KubeObject, type: ParseableType): FieldSet {
  const config = parseLastApplied(live.metadata?.annotations?.[lastAppliedAnnotation]);
  if (config === undefined || config.apiVersion !== live.apiVersion) return emptySet;
  const applied = type.parse(config);
  const current = type.parse(live as unknown as JsonObject);
  if (applied instanceof Violations || current instanceof Violations) return emptySet;
  const set = applied.toFieldSet();
  const comparison = applied.compare(current);
  if (set instanceof Violations || comparison instanceof Violations) return emptySet;
  return set.difference(comparison.modified).difference(comparison.added).difference(comparison.removed);
}

function parseLastApplied(text: string | undefined): JsonObject | undefined {
  if (!text) return undefined;
  let config: JsonValue;
  try {
    config = parseJson(text);
  } catch {
    return undefined;
  }
  // an object of no kind cannot be read as unstructured
  return isJsonObject(config) && config.kind ? config : undefined;
}

/** Brings the annotation of an object that has it up to date with what was applied; in place. */
export function updateLastApplied(object: KubeObject, config: KubeObject): void {
  const before = object.metadata.annotations;
  if (!before?.[lastAppliedAnnotation]) return;
  const annotations = { ...before, [lastAppliedAnnotation]: lastAppliedText(config) };
  if (sizeOf(annotations) > maxAnnotationsBytes) delete (annotations as Record<string, string>)[lastAppliedAnnotation];
  object.metadata.annotations = annotations;
}

/** A configuration without the annotation itself, as one line of JSON with sorted keys. */
function lastAppliedText(config: KubeObject): string {
  const metadata = { ...config.metadata };
  if (metadata.annotations) {
    const { [lastAppliedAnnotation]: _, ...annotations } = metadata.annotations;
    metadata.annotations = annotations;
  }
  const shown = config.metadata === undefined ? config : { ...config, metadata };
  return `${stringifyJson(sorted(shown as unknown as JsonValue))}\n`;
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key]!)]));
}

function sizeOf(annotations: Readonly<Record<string, string>>): number {
  return Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
}

import { readFileSync } from 'node:fs';
import type { FieldError, JsonObject, JsonValue, Path } from 'nekube/apimachinery';
import type { Loose } from './rule.ts';
import { unifiedDiff } from './unified-diff.ts';

/**
 * Values as kube-apiserver's messages print them: the JSON of its internal Go structs, which have no JSON names and
 * leave nothing out: `{"Name":"a","Path":""}`.
 *
 * `go-structs.json` names the fields of each internal struct in their order, as `GoName jsonName type`; it was taken
 * by reflection from the Go types of Kubernetes 1.36.3. In types, `*` is a pointer, `[]` a list, `{}` a map, and
 * `json:` a struct that does have JSON names.
 */
const structs: { table?: Readonly<Record<string, readonly (readonly [string, string, string])[]>> } = {};

function structFields(name: string): readonly (readonly [string, string, string])[] | undefined {
  structs.table ??= Object.fromEntries(
    Object.entries(JSON.parse(readFileSync(new URL('./go-structs.json', import.meta.url), 'utf8'))).map(
      ([struct, lines]) => [
        struct,
        (lines as string[]).map((line) => line.split(' ') as unknown as [string, string, string]),
      ],
    ),
  );
  return structs.table[name];
}

/** The JSON of a value of this Go type (`Taint`, `[]PodIP`), on one line. */
export function goJson(type: string, value: Loose): string {
  return escapeHtml(JSON.stringify(goValue(type, value)));
}

/** The differences between two values of a Go type, as `diff.Diff` prints them. */
export function goDiff(type: string, before: Loose, after: Loose): string {
  const text = (value: Loose) => escapeHtml(JSON.stringify(goValue(type, value), undefined, ' '));
  return unifiedDiff(text(before), text(after));
}

/** `Invalid value: {"Go":"JSON"}: detail`. */
export function invalidGo(path: Path, type: string, value: Loose, detail: string): FieldError {
  const message = `Invalid value: ${goJson(type, value)}: ${detail}`;
  return { type: 'FieldValueInvalid', field: path.toString(), message };
}

/** `Duplicate value: {"Go":"JSON"}: detail`. */
export function duplicateGo(path: Path, type: string, value: Loose, detail = ''): FieldError {
  const message = `Duplicate value: ${goJson(type, value)}${detail === '' ? '' : `: ${detail}`}`;
  return { type: 'FieldValueDuplicate', field: path.toString(), message };
}

function goValue(type: string, value: Loose): JsonValue {
  if (type.startsWith('*')) return value === undefined || value === null ? null : goValue(type.slice(1), value);
  if (type.startsWith('[]')) {
    return Array.isArray(value) ? value.map((item) => goValue(type.slice(2), item)) : null;
  }
  if (type.startsWith('{}')) return value ? goMap(type.slice(2), value) : null;
  if (type.startsWith('json:')) return value ?? {};
  const fields = structFields(type);
  return fields ? goStruct(type, fields, value ?? {}) : goScalar(type, value);
}

function goMap(type: string, value: Loose): JsonObject {
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, goValue(type, value[key])]),
  );
}

function goStruct(type: string, fields: readonly (readonly [string, string, string])[], value: Loose): JsonObject {
  const internal = type === 'PodSpec' ? internalPodSpec(value) : value;
  const out: JsonObject = {};
  for (const [goName, jsonName, fieldType] of fields) {
    if (fieldType === 'json:ObjectMeta') Object.assign(out, internal[jsonName] ?? {});
    else out[goName] = goValue(fieldType, internal[jsonName]);
  }
  return out;
}

/** The internal pod spec keeps what concerns the host's namespaces in its security context. */
function internalPodSpec(spec: Loose): Loose {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers } = spec;
  const securityContext = { ...spec.securityContext, hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers };
  return { ...spec, securityContext, serviceAccountName: spec.serviceAccountName || spec.serviceAccount };
}

function goScalar(type: string, value: Loose): JsonValue {
  if (typeof value === 'bigint') return Number(value);
  if (value !== undefined && value !== null) return value;
  if (type === 'string') return '';
  if (type === 'number' || type === 'intstr') return 0;
  if (type === 'bool') return false;
  return type === 'quantity' ? '0' : null;
}

/** Go's JSON escapes what could end a script in HTML. */
function escapeHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

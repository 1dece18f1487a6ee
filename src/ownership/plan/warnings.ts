import { isJsonObject, jsonEqual, type JsonValue, stringifyJson } from 'nekube/apimachinery';
import { type FieldPath, formatPath } from 'nekube/smd';
import type { Configuration } from '../field-conflicts.ts';
import { isSecretField, showField } from './field-values.ts';
import type { PlannedField, PlanWarning } from './apply-plan.ts';
import { migrateCommand } from './migrate-command.ts';
import { newItemWarnings } from './new-items.ts';
import { showClaims } from './show-claim.ts';
import type { PlanSubject } from './subject.ts';

/** What is to be said of an apply beside what becomes of its fields. */
export function planWarnings(subject: PlanSubject, fields: readonly PlannedField[]): PlanWarning[] {
  return [
    ...subject.problems.map((message): PlanWarning => ({ type: 'ManagedFields', message, paths: [] })),
    ...schemaWarnings(subject),
    ...newItemWarnings(subject),
    ...atomicWarnings(subject, fields),
    ...updateManagerWarnings(subject, fields),
    ...forcedWarnings(subject, fields),
    ...changedWarnings(subject, fields),
  ];
}

function schemaWarnings({ input: { type } }: PlanSubject): PlanWarning[] {
  if (type.note === undefined) return [];
  return [{ type: 'NoSchema', message: `${type.note}: lists are taken for atomic here`, paths: [] }];
}

/** What is in an atomic part that others own too, or own alone, and goes with its replacement. */
function atomicWarnings(subject: PlanSubject, fields: readonly PlannedField[]): PlanWarning[] {
  return fields.flatMap((field) => {
    const { path, action, live, others } = field;
    if ((action !== 'set' && action !== 'conflict') || others.length === 0) return [];
    const lost = lostEntries(live, field.applied);
    if (lost.length === 0) return [];
    const shown = isSecretField(subject.input.configuration, path) ? `${lost.length} entries` : lost.join(', ');
    const message = `${formatPath(path)} is atomic and is replaced as a whole: ${shown} would go, owned by ${showClaims(others)}`;
    return [{ type: 'Atomic', message, paths: [path] }];
  });
}

function lostEntries(live: JsonValue | undefined, applied: JsonValue | undefined): string[] {
  if (Array.isArray(live) && Array.isArray(applied))
    return live.filter((item) => !applied.some((other) => covers(item, other))).map((item) => stringifyJson(item));
  if (!isJsonObject(live) || !isJsonObject(applied)) return [];
  return Object.keys(live)
    .filter((name) => !Object.hasOwn(applied, name))
    .map((name) => `${name}: ${stringifyJson(live[name]!)}`);
}

/** Names of managers under which clients update what they would apply. */
const CLIENT_SIDE = new Set(['kubectl-client-side-apply', 'before-first-apply']);

/**
 * `Update` managers of the object itself that own what is applied. What they own is in the way of a change, and keeps
 * fields that are not applied any more.
 */
function updateManagerWarnings(subject: PlanSubject, fields: readonly PlannedField[]): PlanWarning[] {
  const { fieldManager } = subject.input;
  const met = new Map<string, PlannedField[]>();
  for (const field of fields) {
    if (field.action === 'server' || field.action === 'removed') continue;
    for (const claim of field.others) {
      if (claim.operation !== 'Update' || claim.subresource !== '') continue;
      const isInTheWay = field.action === 'conflict' || field.action === 'kept';
      if (!isInTheWay && !CLIENT_SIDE.has(claim.manager) && claim.manager !== fieldManager) continue;
      met.set(claim.manager, [...(met.get(claim.manager) ?? []), field]);
    }
  }
  return [...met].map(([manager, owned]) => updateManagerWarning(subject, manager, owned));
}

function updateManagerWarning(subject: PlanSubject, manager: string, fields: readonly PlannedField[]): PlanWarning {
  const { configuration, fieldManager } = subject.input;
  const many = fields.length === 1 ? formatPath(fields[0]!.path) : `${fields.length} of the applied fields`;
  const how = manager === 'kubectl-client-side-apply' ? 'by client-side apply' : 'by updates';
  return {
    type: 'UpdateManager',
    message: `${JSON.stringify(manager)} owns ${many} ${how}: what is dropped from the configuration would stay, and a change is a conflict`,
    paths: fields.map(({ path }) => path),
    fix: migrateCommand(configuration, fieldManager, manager),
  };
}

function forcedWarnings({ input }: PlanSubject, fields: readonly PlannedField[]): PlanWarning[] {
  const taken = new Map<string, PlannedField[]>();
  for (const field of fields.filter(({ action }) => action === 'conflict')) {
    const owners = showClaims(field.others);
    taken.set(owners, [...(taken.get(owners) ?? []), field]);
  }
  if (input.forceRefusal !== undefined && taken.size > 0)
    return [
      {
        type: 'ForcedApply',
        message: `with force the server refuses it, too: ${input.forceRefusal.message}`,
        paths: [],
      },
    ];
  return [...taken].map(([owners, lost]) => ({
    type: 'ForcedApply',
    message: `with force it would take ${lost.map(({ path }) => formatPath(path)).join(', ')} from ${owners}`,
    paths: lost.map(({ path }) => path),
  }));
}

function changedWarnings(subject: PlanSubject, fields: readonly PlannedField[]): PlanWarning[] {
  const { configuration, result: object } = subject.input;
  if (object === undefined) return [];
  return fields.flatMap(({ path, action, applied, result }) => {
    if ((action !== 'set' && action !== 'unchanged') || applied === undefined || covers(result, applied)) return [];
    if (isWriteOnly(configuration, path)) return [];
    // an empty part is nothing
    if (result === undefined && isEmpty(applied)) return [];
    const became = result === undefined ? 'drops it' : `makes ${showField(configuration, path, result)} of it`;
    const message = `${formatPath(path)} is applied as ${showField(configuration, path, applied)}, and the server ${became}`;
    return [{ type: 'ChangedByServer', message, paths: [path] }];
  });
}

/** What a Secret takes and never shows. */
function isWriteOnly({ apiVersion, kind }: Configuration, [first]: FieldPath): boolean {
  return apiVersion === 'v1' && kind === 'Secret' && first?.name === 'stringData';
}

function isEmpty(value: JsonValue): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** True when a value has all that is applied, and perhaps defaults beside it. */
function covers(value: JsonValue | undefined, applied: JsonValue): boolean {
  if (isJsonObject(value) && isJsonObject(applied))
    return Object.keys(applied).every((name) => covers(value[name], applied[name]!));
  if (Array.isArray(value) && Array.isArray(applied))
    return value.length === applied.length && applied.every((item, i) => covers(value[i], item));
  return jsonEqual(value, applied) || (value === undefined && applied === null);
}

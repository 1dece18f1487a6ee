import { isJsonObject, type JsonValue, stringifyJson } from 'nekube/apimachinery';
import { changedFields, comparePaths, type FieldPath, FieldSet, formatPath, keepsLiveValue } from 'nekube/smd';
import { covers } from '../covers.ts';
import type { Configuration } from '../field-conflicts.ts';
import { clientSideManagers } from '../migrate/upgrade-managed-fields.ts';
import { isSecretField, showField } from './field-values.ts';
import type { PlannedField, PlanWarning } from './apply-plan.ts';
import { migrateCommand } from './migrate-command.ts';
import { newItemWarnings } from './new-items.ts';
import { showClaims } from '../show-claim.ts';
import { isServersOwn } from './planned-fields.ts';
import { ownsWithin, type PlanSubject } from './subject.ts';

/** What is to be said of an apply beside what becomes of its fields. */
export function planWarnings(subject: PlanSubject, fields: readonly PlannedField[]): PlanWarning[] {
  return [
    ...subject.problems.map(
      (message): PlanWarning => ({ type: 'ManagedFields', message, paths: [], facts: { problem: message } }),
    ),
    ...schemaWarnings(subject),
    ...newItemWarnings(subject),
    ...atomicWarnings(subject, fields),
    ...yieldedWarnings(fields),
    ...updateManagerWarnings(subject, fields),
    ...forcedWarnings(subject),
    ...changedWarnings(subject),
  ];
}

function schemaWarnings({ input: { type, configuration } }: PlanSubject): PlanWarning[] {
  if (type.note === undefined) return [];
  const facts = { kind: `${configuration.kind}, ${configuration.apiVersion}` };
  return [{ type: 'NoSchema', message: `${type.note}: lists are taken for atomic here`, paths: [], facts }];
}

/** What is in an atomic part that others own too, or own alone, and goes with its replacement. */
function atomicWarnings(subject: PlanSubject, fields: readonly PlannedField[]): PlanWarning[] {
  return fields.flatMap((field) => {
    const { path, action, live, others } = field;
    if ((action !== 'set' && action !== 'conflict') || others.length === 0) return [];
    const lost = lostEntries(live, field.applied);
    if (lost.length === 0) return [];
    const isSecret = isSecretField(subject.input.configuration, path);
    const facts = {
      path: formatPath(path),
      owners: showClaims(others),
      lost: isSecret ? '' : lost.join(', '),
      count: `${lost.length}`,
    };
    const shown = isSecret ? `${lost.length} entries` : facts.lost;
    const message = `${facts.path} is atomic and is replaced as a whole: ${shown} would go, owned by ${facts.owners}`;
    return [{ type: 'Atomic', message, paths: [path], facts }];
  });
}

/** What yields and goes nevertheless: nothing else says that another's value is lost. */
function yieldedWarnings(fields: readonly PlannedField[]): PlanWarning[] {
  return fields.flatMap(({ path, action, verdict, others }) => {
    if (action !== 'removed' || verdict === undefined) return [];
    const facts = { path: formatPath(path), owners: showClaims(others) };
    const message = `${facts.path} yields to ${facts.owners} and is removed nevertheless: it is in a part that the manager applied before and, with what yields left out, does not apply any more`;
    const fix = `decide share for ${facts.path}, or apply a field beside it that nobody else owns`;
    return [{ type: 'Yielded', message, paths: [path], facts, fix }];
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

/** Names under which clients update what they would apply, or servers what was there before they knew of managers. */
const CLIENT_SIDE = new Set(['kubectl-client-side-apply', 'kubectl-last-applied', 'before-first-apply']);

/**
 * Managers that updated the object itself as one updates it who applies: on the client's side, or under the very name that
 * applies now. What they own is in the way of a change, and keeps fields that are not applied any more. With anybody else
 * it is a conflict like others, and not to be taken over by a migration.
 */
function updateManagerWarnings(subject: PlanSubject, fields: readonly PlannedField[]): PlanWarning[] {
  const { fieldManager, live } = subject.input;
  const migrated = new Set([...CLIENT_SIDE, fieldManager, ...clientSideManagers(live?.metadata.managedFields ?? [])]);
  const met = new Map<string, PlannedField[]>();
  for (const field of fields) {
    if (field.action === 'server' || field.action === 'removed') continue;
    for (const { manager, operation, subresource } of field.others) {
      if (operation !== 'Update' || subresource !== '' || !migrated.has(manager)) continue;
      met.set(manager, [...(met.get(manager) ?? []), field]);
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
    facts: { manager, count: `${fields.length}`, path: formatPath(fields[0]!.path) },
    fix: migrateCommand(configuration, fieldManager, manager),
  };
}

/** What an apply with force would take is what is in conflict; that it would not be taken is not seen there. */
function forcedWarnings({ input: { forceRefusal } }: PlanSubject): PlanWarning[] {
  if (forceRefusal === undefined) return [];
  const message = `with force the server refuses it, too: ${forceRefusal.message}`;
  return [{ type: 'ForcedApply', message, paths: [], facts: { refusal: forceRefusal.message } }];
}

/** The fields themselves that have another value: not what they are in, which may have defaults and parts that yield. */
function changedWarnings(subject: PlanSubject): PlanWarning[] {
  const { configuration } = subject.input;
  return differingFields(subject).flatMap((path) => {
    const [applied, result] = [subject.applied(path), subject.result(path)];
    if (applied === undefined || covers(result, applied) || isWriteOnly(configuration, path)) return [];
    // an empty part is nothing
    if (result === undefined && isEmpty(applied)) return [];
    const facts = {
      path: formatPath(path),
      applied: showField(configuration, path, applied),
      ...(result !== undefined && { result: showField(configuration, path, result) }),
    };
    const became = facts.result === undefined ? 'drops it' : `makes ${facts.result} of it`;
    const message = `${facts.path} is applied as ${facts.applied}, and the server ${became}`;
    return [{ type: 'ChangedByServer', message, paths: [path], facts }];
  });
}

/** Where the object afterwards is not what was applied, without anybody having decided so. */
function differingFields(subject: PlanSubject): FieldPath[] {
  const { result, configuration, decided } = subject.input;
  const after = subject.typed(result);
  const config = subject.typed(configuration);
  const differing = after && config && changedFields(after, config)?.leaves();
  if (differing === undefined) return [];
  const kept = FieldSet.of(...decided.filter(({ decision }) => keepsLiveValue(decision)).map(({ path }) => path));
  const shown = [...differing.paths()]
    .filter((path) => !isServersOwn(path) && !path.some((_, i) => kept.has(path.slice(0, i + 1))))
    .map((path) => wholePart(path, subject.after.union(kept)));
  return [...FieldSet.of(...shown).paths()].sort(comparePaths);
}

/** Of a part that the apply has nothing of, as the status, it is told once. */
function wholePart(path: FieldPath, known: FieldSet): FieldPath {
  const length = path.findIndex((_, i) => !ownsWithin(known, path.slice(0, i + 1)));
  return length < 0 ? path : path.slice(0, length + 1);
}

/** What a Secret takes and never shows. */
function isWriteOnly({ apiVersion, kind }: Configuration, [first]: FieldPath): boolean {
  return apiVersion === 'v1' && kind === 'Secret' && first?.name === 'stringData';
}

function isEmpty(value: JsonValue): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

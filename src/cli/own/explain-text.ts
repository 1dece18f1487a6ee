import { type JsonObject, type JsonValue, stringifyJson } from 'nekube/apimachinery';
import { describeVerdict, type Explained, type PolicyVerdict } from 'nekube/fieldpolicy';
import { type Configuration, type ExplainedConflict, showClaim } from 'nekube/ownership';
import { patternOf } from 'nekube/smd';
import { printable } from '../printable.ts';
import { titleOf } from './each-object.ts';

/** An object whose apply was explained. */
export interface ExplainedObject {
  readonly configuration: Configuration;
  readonly conflicts: readonly ExplainedConflict[];
}

/** The explanations as text. */
export function explainedText(objects: readonly ExplainedObject[]): string {
  return objects.map(objectText).join('\n');
}

function objectText({ configuration, conflicts }: ExplainedObject): string {
  const name = printable(titleOf(configuration));
  if (conflicts.length === 0) return `${name}: no conflicts\n`;
  return `${name}\n${conflicts.map(conflictText).join('')}`;
}

function conflictText(conflict: ExplainedConflict): string {
  const { path, claim, live, applied, verdict, policies } = conflict;
  const lines = [
    `  ${patternOf(path)}: ${shown(live)} -> ${shown(applied)}, owned by ${showClaim(claim, claim.time)}`,
    `    ${verdict.decision}: ${describeVerdict(verdict, { path, owner: claim, time: claim.time })}`,
    ...policies.map((policy) => `    ${policyText(policy)}`),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function policyText({ policy, priority, decides, verdict, because }: Explained): string {
  const title = `${policy} (priority ${priority})`;
  if (verdict === undefined) return `- ${title} is not about it: ${because}`;
  const reason = verdict.reason === undefined ? '' : `, since ${verdict.reason}`;
  return decides
    ? `* ${title} decides ${verdict.decision}${reason}`
    : `- ${title} comes later, and would decide ${verdict.decision}${reason}`;
}

function shown(value: JsonValue | undefined): string {
  return value === undefined ? 'nothing' : stringifyJson(value);
}

/** The explanations as data. */
export function explainedData(objects: readonly ExplainedObject[]): JsonObject {
  const items = objects.map(({ configuration: { apiVersion, kind, metadata }, conflicts }) => ({
    apiVersion,
    kind,
    ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
    name: metadata.name ?? '',
    conflicts: conflicts.map(conflictData),
  }));
  return { items };
}

function conflictData({ path, claim, live, applied, verdict, policies }: ExplainedConflict): JsonObject {
  const { manager, operation, subresource, time } = claim;
  return {
    path: patternOf(path),
    owner: { manager, operation, subresource, ...(time !== undefined && { time }) },
    ...(live !== undefined && { live }),
    ...(applied !== undefined && { applied }),
    verdict: inWords(verdict),
    policies: policies.map(({ verdict: own, ...policy }) => ({ ...policy, ...(own && { verdict: inWords(own) }) })),
  };
}

/** A verdict with its reason as a sentence alone. */
function inWords({ why: _, ...verdict }: PolicyVerdict | ExplainedConflict['verdict']): JsonObject {
  return verdict as JsonObject;
}

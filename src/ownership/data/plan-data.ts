import type { JsonObject, JsonValue } from 'nekube/apimachinery';
import { fieldSetToJson, formatPath } from 'nekube/smd';
import { type Owner, readOwnership } from '../owners.ts';
import type { ApplyPlan, PlannedField, PlanWarning } from '../plan/apply-plan.ts';
import { readableValue } from '../plan/field-values.ts';
import { ownerData } from './owner-data.ts';

/** A plan in the form for programs: docs/ownership.md. Values of Secrets are masked. */
export function planData(plan: ApplyPlan, source?: string): JsonObject {
  const { apiVersion, kind, metadata } = plan.configuration;
  const { name = '', namespace } = metadata;
  return {
    object: { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } },
    ...(source !== undefined && { source }),
    outcome: plan.outcome,
    fields: plan.fields.map((field) => fieldOf(plan, field)),
    warnings: plan.warnings.map(warningOf),
    ...(plan.outcome === 'error' && { error: refusalOf(plan) }),
    ...(plan.after !== undefined && { owners: readOwnership(plan.after).owners.map(ownerWithFields) }),
  };
}

/** What the server says, or that it does not know the kind. */
export function refusalOf({ error, configuration: { apiVersion, kind } }: ApplyPlan): string {
  return error?.message ?? `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`;
}

function fieldOf({ configuration }: ApplyPlan, field: PlannedField): JsonObject {
  const { path, action, others, claimed, verdict } = field;
  const value = (name: string, one: JsonValue | undefined): JsonObject =>
    one === undefined ? {} : { [name]: readableValue(configuration, path, one) };
  return {
    path: formatPath(path),
    action,
    ...value('live', field.live),
    ...value('applied', field.applied),
    ...value('result', field.result),
    ...(others.length > 0 && { others: others.map(ownerData) }),
    ...(claimed && { claimed }),
    ...(verdict && { decision: verdict.decision }),
    ...(verdict?.by !== undefined && { by: verdict.by }),
    ...(verdict?.reason !== undefined && { reason: verdict.reason }),
  };
}

function ownerWithFields({ fields, ...owner }: Owner): JsonObject {
  return { ...ownerData({ ...owner, time: undefined }), fieldsV1: fieldSetToJson(fields) as JsonObject };
}

function warningOf({ type, message, paths, fix }: PlanWarning): JsonObject {
  return {
    type,
    message,
    ...(paths.length > 0 && { paths: paths.map(formatPath) }),
    ...(fix !== undefined && { fix }),
  };
}

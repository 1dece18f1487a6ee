import type { JsonObject, JsonValue } from 'nekube/apimachinery';
import {
  type ManifestPlan,
  type Owner,
  type PlannedField,
  type PlanWarning,
  readableValue,
  readOwnership,
} from 'nekube/ownership';
import { fieldSetToJson, formatPath } from 'nekube/smd';
import { ownerData } from './owner-data.ts';

/** Plans in the form for programs: docs/ownership.md. Values of Secrets are masked. */
export function planData(plans: readonly ManifestPlan[], manager: string): JsonObject {
  const summary: JsonObject = {};
  for (const { outcome } of plans) summary[outcome] = Number(summary[outcome] ?? 0) + 1;
  return {
    apiVersion: 'ownership.nekube.dev/v1alpha1',
    kind: 'ApplyPlanList',
    manager,
    summary,
    items: plans.map(itemOf),
  };
}

function itemOf(plan: ManifestPlan): JsonObject {
  const { apiVersion, kind, metadata } = plan.configuration;
  const { name = '', namespace } = metadata;
  return {
    object: { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } },
    source: plan.place,
    outcome: plan.outcome,
    fields: plan.fields.map((field) => fieldOf(plan, field)),
    warnings: plan.warnings.map(warningOf),
    ...(plan.outcome === 'error' && { error: refusalOf(plan) }),
    ...(plan.after !== undefined && { owners: readOwnership(plan.after).owners.map(ownerWithFields) }),
  };
}

/** What the server says, or that it does not know the kind. */
export function refusalOf({ error, configuration: { apiVersion, kind } }: ManifestPlan): string {
  return error?.message ?? `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`;
}

function fieldOf({ configuration }: ManifestPlan, field: PlannedField): JsonObject {
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

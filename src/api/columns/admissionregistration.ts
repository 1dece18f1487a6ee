import type { KubeObject } from 'nekube/apimachinery';
import type { CellPrinter } from '../rules/resource-rules.ts';
import type { Loose } from '../rules/rule.ts';
import { nameAnd } from './format.ts';

const webhooks: CellPrinter = nameAnd((object) => [(object.webhooks ?? []).length]);
const binding: CellPrinter = nameAnd(({ spec }) => [spec?.policyName ?? '', formatParam(spec?.paramRef)]);

/** Cells of the admissionregistration.k8s.io group's resources. */
export const admissionRegistrationCells: Readonly<Record<string, CellPrinter>> = {
  mutatingadmissionpolicies: nameAnd((object) => [(object.spec?.mutations ?? []).length, formatParamKind(object)]),
  mutatingadmissionpolicybindings: binding,
  mutatingwebhookconfigurations: webhooks,
  validatingadmissionpolicies: nameAnd((object) => [(object.spec?.validations ?? []).length, formatParamKind(object)]),
  validatingadmissionpolicybindings: binding,
  validatingwebhookconfigurations: webhooks,
};

function formatParamKind({ spec }: KubeObject): string {
  const kind = spec?.paramKind;
  return kind ? `${kind.apiVersion ?? ''}/${kind.kind ?? ''}` : '<unset>';
}

/** The parameter's name, or its selector as Go prints the struct. */
function formatParam(reference: Loose): string {
  if (reference?.name) return `${reference.namespace || '*'}/${reference.name}`;
  return reference?.selector ? formatSelectorStruct(reference.selector) : '<unset>';
}

function formatSelectorStruct({ matchLabels = {}, matchExpressions = [] }: Loose): string {
  const labels = Object.keys(matchLabels)
    .sort()
    .map((key) => `${key}: ${matchLabels[key]},`);
  const requirements = (matchExpressions as Loose[]).map(
    ({ key, operator, values }) =>
      `LabelSelectorRequirement{Key:${key ?? ''},Operator:${operator ?? ''},Values:[${(values ?? []).join(' ')}],},`,
  );
  const expressions = `[]LabelSelectorRequirement{${requirements.join('')}}`;
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:${expressions},}`;
}

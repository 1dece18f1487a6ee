import {
  checkRequirement,
  FieldSelector,
  type FieldRequirement,
  type LabelOperator,
  type LabelRequirement,
  LabelSelector,
  parseFieldSelector,
  parseLabelSelector,
} from 'nekube/apimachinery';
import type { UserInfo } from '../user.ts';
import type { AuthorizationAttributes, Decision } from './authorizer.ts';

/** A selector in a review: a text, or requirements. */
interface SelectorAttributes {
  readonly rawSelector?: string;
  readonly requirements?: readonly {
    readonly key?: string;
    readonly operator?: string;
    readonly values?: readonly string[] | null;
  }[];
}

/** What an access review asks (the spec of SubjectAccessReview, without the subject). */
export interface ReviewSpec {
  readonly resourceAttributes?: {
    readonly namespace?: string;
    readonly verb?: string;
    readonly group?: string;
    readonly version?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly name?: string;
    readonly fieldSelector?: SelectorAttributes;
    readonly labelSelector?: SelectorAttributes;
  } | null;
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string } | null;
}

/** The question of a review, and which of its selectors could not be understood whole. */
export interface ReviewQuestion {
  readonly attributes: AuthorizationAttributes;
  readonly ignored: readonly string[];
}

/** The attributes that a review asks about for a user. A version that is not given stands for all. */
export function questionOf(user: UserInfo, spec: ReviewSpec): ReviewQuestion {
  const nothing = { namespace: '', apiGroup: '', apiVersion: '', resource: '', subresource: '', name: '', path: '' };
  const asked = spec.resourceAttributes;
  if (!asked) {
    const { path = '', verb = '' } = spec.nonResourceAttributes ?? {};
    return { attributes: { ...nothing, user, resourceRequest: false, path, verb }, ignored: [] };
  }
  const fields = asked.fieldSelector && readFields(asked.fieldSelector);
  const labels = asked.labelSelector && readLabels(asked.labelSelector);
  const { namespace = '', verb = '', group = '', version, resource = '', subresource = '', name = '' } = asked;
  return {
    attributes: {
      user,
      verb,
      resourceRequest: true,
      path: '',
      namespace,
      apiGroup: group,
      apiVersion: version || '*',
      resource,
      subresource,
      name,
      ...(fields && fields.known.length > 0 && { fieldSelector: new FieldSelector(fields.known) }),
      ...(labels && labels.known.length > 0 && { labelSelector: LabelSelector.of(labels.known) }),
    },
    ignored: [...complaint('fieldSelector', fields), ...complaint('labelSelector', labels)],
  };
}

/** The status of a review that was decided so. */
export function reviewStatus({ decision, reason, error }: Decision, ignored: readonly string[]): ReviewStatus {
  const errors = [...(error === undefined ? [] : [error]), ...ignored];
  return {
    allowed: decision === 'allow',
    ...(decision === 'deny' && { denied: true }),
    ...(reason !== '' && { reason }),
    ...(errors.length > 0 && { evaluationError: errors.join('; ') }),
  };
}

/** SubjectAccessReviewStatus. */
export type ReviewStatus = {
  allowed: boolean;
  denied?: boolean;
  reason?: string;
  evaluationError?: string;
};

/** What was understood of a selector, and whether that is not all. */
interface Understood<T> {
  readonly known: readonly T[];
  readonly partial: boolean;
}

function complaint(field: string, understood: Understood<unknown> | undefined): string[] {
  if (understood === undefined || !understood.partial) return [];
  const how = understood.known.length > 0 ? 'partially ignored' : 'ignored';
  return [`spec.resourceAttributes.${field} ${how} due to parse error`];
}

function readFields({ rawSelector, requirements }: SelectorAttributes): Understood<FieldRequirement> {
  if (rawSelector) return parsed(() => parseFieldSelector(rawSelector).requirements);
  const known = (requirements ?? []).flatMap(({ key = '', operator, values }): FieldRequirement[] => {
    const [value, ...more] = values ?? [];
    if (value === undefined || more.length > 0 || (operator !== 'In' && operator !== 'NotIn')) return [];
    return [{ field: key, operator: operator === 'In' ? '=' : '!=', value }];
  });
  return { known, partial: known.length < (requirements?.length ?? 0) };
}

const LABEL_OPERATORS: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

function readLabels({ rawSelector, requirements }: SelectorAttributes): Understood<LabelRequirement> {
  if (rawSelector) return parsed(() => parseLabelSelector(rawSelector).requirements);
  const known = (requirements ?? []).flatMap(({ key = '', operator = '', values }): LabelRequirement[] => {
    const known = LABEL_OPERATORS[operator];
    const sorted = [...(values ?? [])].sort();
    if (known === undefined || checkRequirement(key, known, sorted).length > 0) return [];
    return [{ key, operator: known, values: sorted }];
  });
  return { known, partial: known.length < (requirements?.length ?? 0) };
}

function parsed<T>(parse: () => readonly T[]): Understood<T> {
  try {
    return { known: parse(), partial: false };
  } catch {
    return { known: [], partial: true };
  }
}

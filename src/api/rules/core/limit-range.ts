import {
  duplicate,
  forbidden,
  invalid,
  isQualifiedName,
  type KubeObject,
  nameIsDnsSubdomain,
  type Path,
  parseQuantity,
  type Quantity,
  required as requiredError,
} from 'nekube/apimachinery';
import type { ResourceRules } from '../resource-rules.ts';
import { fields, type Loose, type RuleContext, validateWith } from '../rule.ts';
import { roundUpAmounts } from './amounts.ts';
import { checkContainerResourceName, checkResourceName, isOvercommitAllowed } from './resources.ts';

const standardTypes = ['Pod', 'Container', 'PersistentVolumeClaim'];
const amounts = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

const limitRangeChecks = fields({
  spec: fields({ limits: checkLimits }),
});

/** Limit ranges; an update is checked as a create. */
export const limitRangeRules: ResourceRules = {
  defaults: { '*': defaultLimitRange },
  nameCheck: nameIsDnsSubdomain,
  prepareForCreate: ({ metadata }, { newUid }) => {
    if (!metadata.name && newUid) metadata.name = newUid();
  },
  validate: (range) => validateWith(limitRangeChecks, range),
  validateUpdate: (range) => validateWith(limitRangeChecks, range),
  allowCreateOnUpdate: true,
};

function defaultLimitRange({ spec }: KubeObject): void {
  for (const limit of spec?.limits ?? []) {
    if (limit.type === 'Container') defaultContainerLimit(limit);
    for (const field of amounts) roundUpAmounts(limit[field]);
  }
}

/** Defaults come from the most a container may have, requests from the defaults, then from the least. */
function defaultContainerLimit(limit: Loose): void {
  limit.default = sorted({ ...limit.max, ...limit.default });
  limit.defaultRequest = sorted({ ...limit.min, ...limit.default, ...limit.defaultRequest });
}

function sorted(amountsByName: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(amountsByName).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function checkLimits(limits: Loose, path: Path, context: RuleContext): void {
  const types = new Set<string>();
  ((limits ?? []) as Loose[]).forEach((limit, i) => {
    const at = path.index(i);
    checkType(limit.type ?? '', at.child('type'), context);
    if (types.has(limit.type)) context.errors.push(duplicate(at.child('type'), limit.type));
    types.add(limit.type);
    checkNames(limit, at, context);
    for (const name of namesOf(limit)) checkAmounts(limit, name, at, context);
  });
}

function checkType(type: string, path: Path, { errors }: RuleContext): void {
  const messages = isQualifiedName(type);
  for (const message of messages) errors.push(invalid(path, type, message));
  if (messages.length > 0 || type.includes('/') || standardTypes.includes(type)) return;
  errors.push(invalid(path, type, 'must be a standard limit type or fully qualified'));
}

function checkNames(limit: Loose, path: Path, context: RuleContext): void {
  const container = limit.type === 'Pod' || limit.type === 'Container';
  const checkName = container ? checkContainerResourceName : checkResourceName;
  for (const field of amounts) {
    const byName = limit[field] ?? {};
    if (limit.type === 'Pod' && field.startsWith('default')) {
      const detail = "may not be specified when `type` is 'Pod'";
      if (Object.keys(byName).length > 0) context.errors.push(forbidden(path.child(field), detail));
      continue;
    }
    if (field === 'maxLimitRequestRatio') checkClaimStorage(limit, path, context);
    for (const name of Object.keys(byName).sort()) checkName(name, path.child(field).key(name), context);
  }
}

function checkClaimStorage({ type, min, max }: Loose, path: Path, { errors }: RuleContext): void {
  if (type !== 'PersistentVolumeClaim' || min?.storage !== undefined || max?.storage !== undefined) return;
  const detail = 'either minimum or maximum storage value is required, but neither was provided';
  errors.push(requiredError(path.child('limits'), detail));
}

/** All resources that a limit names where names count. */
function namesOf(limit: Loose): string[] {
  const counted = limit.type === 'Pod' ? amounts.filter((field) => !field.startsWith('default')) : amounts;
  return [...new Set(counted.flatMap((field) => Object.keys(limit[field] ?? {})))].sort();
}

/** Pairs of amounts of one resource of which the first must not be greater, and what is said otherwise. */
interface Order {
  readonly less: string;
  readonly more: string;
  readonly at: string;
  /** Whose value is shown. */
  readonly shown: string;
  detail(less: Quantity, more: Quantity): string;
}

const orders: readonly Order[] = [
  {
    less: 'min',
    more: 'max',
    at: 'min',
    shown: 'min',
    detail: (a, b) => `min value ${a} is greater than max value ${b}`,
  },
  {
    less: 'min',
    more: 'defaultRequest',
    at: 'defaultRequest',
    shown: 'defaultRequest',
    detail: (a, b) => `min value ${a} is greater than default request value ${b}`,
  },
  {
    less: 'defaultRequest',
    more: 'max',
    at: 'defaultRequest',
    shown: 'defaultRequest',
    detail: (a, b) => `default request value ${a} is greater than max value ${b}`,
  },
  {
    less: 'defaultRequest',
    more: 'default',
    at: 'defaultRequest',
    shown: 'defaultRequest',
    detail: (a, b) => `default request value ${a} is greater than default limit value ${b}`,
  },
  {
    less: 'min',
    more: 'default',
    at: 'default',
    shown: 'min',
    detail: (a, b) => `min value ${a} is greater than default value ${b}`,
  },
  {
    less: 'default',
    more: 'max',
    at: 'default',
    shown: 'max',
    detail: (a, b) => `default value ${a} is greater than max value ${b}`,
  },
];

function checkAmounts(limit: Loose, name: string, path: Path, context: RuleContext): void {
  const amount = (field: string): Quantity | undefined => {
    if (limit.type === 'Pod' && field.startsWith('default')) return undefined;
    const text = limit[field]?.[name];
    return text === undefined ? undefined : parseQuantity(text);
  };
  for (const { less, more, at, shown, detail } of orders) {
    const [a, b] = [amount(less), amount(more)];
    if (!a || !b || a.cmp(b) <= 0) continue;
    context.errors.push(invalid(path.child(at).key(name), `${shown === less ? a : b}`, detail(a, b)));
  }
  checkRatio(
    amount('maxLimitRequestRatio'),
    amount('min'),
    amount('max'),
    path.child('maxLimitRequestRatio').key(name),
    context,
  );
  const [standard, request] = [amount('default'), amount('defaultRequest')];
  if (isOvercommitAllowed(name) || !standard || !request || standard.cmp(request) === 0) return;
  const detail = `default value ${standard} must equal to defaultRequest value ${request} in ${name}`;
  context.errors.push(invalid(path.child('defaultRequest').key(name), `${request}`, detail));
}

/** Thousandths are compared where none of the three is too large for them. */
const mostMilli = (2n ** 63n - 1n) / 1000n;

function checkRatio(
  ratio: Quantity | undefined,
  min: Quantity | undefined,
  max: Quantity | undefined,
  path: Path,
  { errors }: RuleContext,
): void {
  if (!ratio) return;
  if (ratio.cmp(parseQuantity('1')) < 0) errors.push(invalid(path, `${ratio}`, `ratio ${ratio} is less than 1`));
  if (!min || !max) return;
  const fine = [ratio, min, max].every((quantity) => quantity.value() < mostMilli);
  const number = (quantity: Quantity) => Number(fine ? quantity.milliValue() : quantity.value());
  const most = number(max) / number(min);
  const given = fine ? number(ratio) / 1000 : number(ratio);
  if (given > most)
    errors.push(invalid(path, `${ratio}`, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`));
}

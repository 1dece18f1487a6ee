import {
  invalid,
  isDns1123Label,
  isDns1123Subdomain,
  isValidLabelValue,
  type KubeObject,
  notSupported,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { checkLabelName } from '../label-selector.ts';
import {
  type Check,
  each,
  fields,
  type Loose,
  matches,
  oneOf,
  present,
  requiredAnd,
  type RuleContext,
} from '../rule.ts';
import { checkDeviceConfiguration, checkSelectors } from './device-class.ts';
import { checkFullyQualifiedDeviceName, listOf, setOf } from './lists.ts';

const most = 32;
const mostAlternatives = 8;
const effects = ['NoExecute', 'NoSchedule', 'None'];
const checkRequestName: Check = (name, path, context) => matches(isDns1123Label)(name ?? '', path, context);

/** A toleration of a device's taint. */
const checkToleration: Check = ({ key, operator = '', value = '', effect }, path, context) => {
  present(checkLabelName)(key, path.child('key'), context);
  const { errors } = context;
  if (operator === 'Exists') {
    if (value !== '') errors.push(invalid(path.child('value'), value, 'must be empty for operator `Exists`'));
  } else if (operator === 'Equal') matches(isValidLabelValue)(value, path.child('value'), context);
  else if (operator === '') errors.push(requiredError(path.child('operator')));
  else errors.push(notSupported(path.child('operator'), operator, ['Equal', 'Exists']));
  present(oneOf(...effects))(effect, path.child('effect'), context);
};

const checkMode: Check = ({ allocationMode = '', count = 0 }, path, { errors }) => {
  const at = path.child('count');
  if (allocationMode === 'All') {
    if (count !== 0) errors.push(invalid(at, count, "must not be specified when allocationMode is 'All'"));
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) errors.push(invalid(at, count, 'must be greater than zero'));
  } else errors.push(notSupported(path.child('allocationMode'), allocationMode, ['All', 'ExactCount']));
};

/** What is asked for, in a request itself or in one of its alternatives. */
const checkExact: Check = (request, path, context) => {
  fields({ deviceClassName: requiredAnd('', matches(isDns1123Subdomain)), selectors: checkSelectors })(
    request,
    path,
    context,
  );
  checkMode(request, path, context);
  fields({ tolerations: each(checkToleration) })(request, path, context);
};

const checkAlternatives = setOf(
  mostAlternatives,
  ({ name = '' }) => name,
  (request, path, context) => {
    checkRequestName(request.name, path.child('name'), context);
    checkExact(request, path, context);
  },
);

const checkRequest: Check = (request, path, context) => {
  checkRequestName(request.name, path.child('name'), context);
  const [exact, alternatives] = [request.exactly ?? undefined, request.firstAvailable ?? []];
  const detail = 'exactly one of `exactly` or `firstAvailable` is required';
  if (exact === undefined && alternatives.length === 0) context.errors.push(requiredError(path, detail));
  else if (exact !== undefined && alternatives.length > 0) {
    context.errors.push(invalid(path, null, `${detail}, but multiple fields are set`));
  } else if (exact === undefined) checkAlternatives(alternatives, path.child('firstAvailable'), context);
  else checkExact(exact, path.child('exactly'), context);
};

/** The names of a claim's requests, and `request/alternative` of their alternatives. */
export function requestNames(devices: Loose): Set<string> {
  const requests: Loose[] = devices?.requests ?? [];
  const names = requests.flatMap(({ name, firstAvailable }) => [
    name,
    ...(firstAvailable ?? []).map((alternative: Loose) => `${name}/${alternative.name}`),
  ]);
  return new Set(names);
}

/** References to requests of a claim. */
export function checkRequestRefs(names: ReadonlySet<string>): Check {
  return setOf(
    most,
    (name) => name,
    (name: string, path, context) => checkRequestRef(name, names, path, context),
  );
}

/** A reference to a request of a claim, or to an alternative of one. */
export function checkRequestRef(name: string, names: ReadonlySet<string>, path: Path, context: RuleContext): void {
  const detail =
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
  const segments = name.split('/');
  if (segments.length <= 2) for (const segment of segments) checkRequestName(segment, path, context);
  if (!names.has(name)) context.errors.push(invalid(path, name, detail));
}

function checkConstraint(names: ReadonlySet<string>): Check {
  return (constraint, path, context) => {
    checkRequestRefs(names)(constraint.requests, path.child('requests'), context);
    const [match, distinct] = [constraint.matchAttribute ?? undefined, constraint.distinctAttribute ?? undefined];
    if (match !== undefined) checkFullyQualifiedDeviceName(match, path.child('matchAttribute'), context);
    else if (distinct !== undefined) checkFullyQualifiedDeviceName(distinct, path.child('distinctAttribute'), context);
    else {
      const detail = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';
      context.errors.push(requiredError(path, detail));
    }
  };
}

/** Checks the devices that a claim, or a template of one, asks for. */
export const checkDeviceClaim: Check = (devices, path, context) => {
  const names = requestNames(devices);
  fields({
    requests: setOf(most, ({ name = '' }) => name, checkRequest),
    constraints: listOf(most, checkConstraint(names)),
    config: listOf(most, (config, at, c) => {
      checkRequestRefs(names)(config.requests, at.child('requests'), c);
      checkDeviceConfiguration(config, at, c);
    }),
  })(devices ?? {}, path, context);
};

/** Sets the defaults of the devices that are asked for. */
export function defaultDeviceClaim(devices: Loose): void {
  for (const { exactly, firstAvailable } of devices?.requests ?? []) {
    for (const request of [exactly, ...(firstAvailable ?? [])]) if (request) defaultRequest(request);
  }
}

function defaultRequest(request: Loose): void {
  request.allocationMode ||= 'ExactCount';
  if (request.allocationMode === 'ExactCount') request.count ||= 1;
  defaultTolerations(request);
}

/** Sets the defaults of the tolerations of a request, or of a result of an allocation. */
export function defaultTolerations({ tolerations }: Loose): void {
  for (const toleration of tolerations ?? []) toleration.operator ||= 'Equal';
}

/** Devices by driver, pool, name and share, as one text. */
export function deviceId({ driver = '', pool = '', device = '', shareID }: KubeObject | Loose): string {
  return JSON.stringify([driver, pool, device, shareID ?? null]);
}

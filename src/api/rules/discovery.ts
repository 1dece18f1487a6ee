import {
  duplicate,
  invalid,
  ipWarnings,
  isDns1123Label,
  isFullyQualifiedDomainName,
  isQualifiedName,
  isValidIp,
  isValidLabelValue,
  isValidLegacyIp,
  jsonEqual,
  type KubeObject,
  nameIsDnsSubdomain,
  Path,
  parseIp,
  required as requiredError,
  tooMany,
} from 'nekube/apimachinery';
import { checkEndpointIp } from './core/endpoint-ip.ts';
import type { ResourceRules } from './resource-rules.ts';
import {
  type Check,
  type Checks,
  checkImmutable,
  defined,
  each,
  faultless,
  fields,
  given,
  type Loose,
  matches,
  oneOf,
  present,
  type RuleContext,
  requiredOneOf,
  validateWith,
} from './rule.ts';
import { raiseGeneration } from './strategy.ts';

const mostEndpoints = 1000;
const mostAddresses = 100;
const mostPorts = 20_000;
const mostHints = 8;
/** Controllers that mend addresses themselves, and are spared the warnings. */
const mending = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'];

const checkNodeName = matches((name) => nameIsDnsSubdomain(name, false));

/** Names of zones or nodes, each once. */
function checkHinted(checkName: Check): Check {
  return (hints, path, context) => {
    const names: string[] = (hints ?? []).map(({ name = '' }: Loose) => name);
    names.forEach((name, i) => {
      const at = path.index(i).child('name');
      if (names.indexOf(name) !== i) context.errors.push(duplicate(at, name));
      checkName(name, at, context);
    });
  };
}

/** Too many of one kind end the checks of hints. */
const checkHints: Check = (hints, path, context) => {
  for (const [field, checkName] of [
    ['forZones', matches(isValidLabelValue)],
    ['forNodes', checkNodeName],
  ] as const) {
    const count = hints[field]?.length ?? 0;
    if (count > mostHints) {
      context.errors.push(tooMany(path.child(field), count, mostHints));
      return;
    }
    checkHinted(checkName)(hints[field], path.child(field), context);
  }
};

/** IPv4 addresses may be in an older form, IPv6 addresses may not; the wrong family is reported at the list. */
const addressChecks: Readonly<Record<string, (list: Path) => Check>> = {
  IPv4: (list) => checkIp(isValidLegacyIp, 4, list),
  IPv6: (list) => checkIp(isValidIp, 6, list),
  FQDN: () => faultless(isFullyQualifiedDomainName),
};

function checkIp(validate: (text: string) => readonly string[], family: 4 | 6, list: Path): Check {
  return (text, path, context) => {
    const messages = validate(text);
    for (const message of messages) context.errors.push(invalid(path, text, message));
    if (messages.length > 0) return;
    if (parseIp(text)!.family !== family) context.errors.push(invalid(list, text, `must be an IPv${family} address`));
    checkEndpointIp(text, path, context);
  };
}

function checkAddresses(addresses: Loose, path: Path, context: RuleContext): void {
  const count = addresses?.length ?? 0;
  if (count === 0) context.errors.push(requiredError(path, 'must contain at least 1 address'));
  else if (count > mostAddresses) context.errors.push(tooMany(path, count, mostAddresses));
  const check = addressChecks[context.object.addressType]?.(path);
  if (check) each(check)(addresses, path, context);
}

const checkEndpoint = fields({
  addresses: checkAddresses,
  nodeName: defined(checkNodeName),
  hostname: defined(matches(isDns1123Label)),
  hints: defined(checkHints),
});

const checkEndpoints: Check = (endpoints, path, context) => {
  if (endpoints?.length > mostEndpoints) context.errors.push(tooMany(path, endpoints.length, mostEndpoints));
  else each(checkEndpoint)(endpoints, path, context);
};

const checkPorts: Check = (ports, path, context) => {
  if (ports?.length > mostPorts) {
    context.errors.push(tooMany(path, ports.length, mostPorts));
    return;
  }
  const names: string[] = (ports ?? []).map(({ name = '' }: Loose) => name);
  each((port, at) => {
    const i = ports.indexOf(port);
    present(matches(isDns1123Label))(port.name, at.child('name'), context);
    if (names.indexOf(names[i]!) !== i) context.errors.push(duplicate(at.child('name'), names[i]));
    given('', oneOf('SCTP', 'TCP', 'UDP'))(port.protocol, at.child('protocol'), context);
    defined(matches(isQualifiedName))(port.appProtocol, at.child('appProtocol'), context);
  })(ports, path, context);
};

const sliceChecks: Checks = [fields({ addressType: requiredOneOf('FQDN', 'IPv4', 'IPv6'), ports: checkPorts })];
const endpointChecks: Checks = fields({ endpoints: checkEndpoints });

const checkSameType: Check = (slice, path, { errors, old }) =>
  checkImmutable(slice.addressType ?? '', old.addressType ?? '', path.child('addressType'), errors);

/** The rules of discovery.k8s.io. Endpoints that are stored are not checked again. */
export const discoveryRules: Readonly<Record<string, ResourceRules>> = {
  endpointslices: {
    defaults: { '*': defaultSlice },
    nameCheck: nameIsDnsSubdomain,
    prepareForCreate: (slice) => {
      slice.metadata.generation = 1;
      dropTopology(slice);
    },
    prepareForUpdate: (slice, old) => {
      const relabelled = !jsonEqual(slice.metadata.labels ?? {}, old.metadata.labels ?? {});
      raiseGeneration(slice, old, ['endpoints', 'ports', 'addressType']);
      if (relabelled) slice.metadata.generation = (old.metadata.generation ?? 0) + 1;
      if (!jsonEqual(slice.endpoints ?? [], old.endpoints ?? [])) dropTopology(slice);
    },
    validate: (slice) => validateWith([sliceChecks, endpointChecks].flat(), slice),
    validateUpdate: (slice, old) => {
      const kept = jsonEqual(slice.endpoints ?? [], old.endpoints ?? []);
      return validateWith([sliceChecks, kept ? [] : endpointChecks, checkSameType].flat(), slice, old);
    },
    warnings: sliceWarnings,
  },
};

function defaultSlice({ ports }: KubeObject): void {
  for (const port of ports ?? []) {
    port.name ??= '';
    port.protocol ??= 'TCP';
  }
}

/** Clients of v1 cannot write what `nodeName` and `zone` stand for now. */
function dropTopology({ endpoints }: KubeObject): void {
  for (const endpoint of endpoints ?? []) delete endpoint.deprecatedTopology;
}

function sliceWarnings({ metadata, addressType, endpoints }: KubeObject, old: KubeObject | undefined): string[] {
  const deprecated = !old && addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : [];
  const manager = metadata.labels?.['endpointslice.kubernetes.io/managed-by'];
  if (manager !== undefined && mending.includes(manager)) return deprecated;
  const bad = ((endpoints ?? []) as Loose[]).flatMap(({ addresses }, i) =>
    ((addresses ?? []) as string[]).flatMap((address, j) =>
      ipWarnings(`${Path.of('endpoints').index(i).child('addresses').index(j)}`, address),
    ),
  );
  return [...deprecated, ...bad];
}

import {
  ipWarnings,
  isDns1123Label,
  isQualifiedName,
  isValidLegacyIp,
  jsonEqual,
  type KubeObject,
  nameIsDnsSubdomain,
  Path,
  required as requiredError,
} from 'nekube/apimachinery';
import type { ResourceRules } from '../resource-rules.ts';
import {
  type Checks,
  each,
  fields,
  type Loose,
  matches,
  present,
  requiredAnd,
  requiredOneOf,
  type RuleContext,
  validateWith,
} from '../rule.ts';
import { checkEndpointIp } from './endpoint-ip.ts';
import { checkPortNumber } from './service/checks.ts';

const checkAddress = fields({
  ip: (ip = '', path, context) => matches(isValidLegacyIp)(ip, path, context),
  hostname: present(matches(isDns1123Label)),
  nodeName: matches((name) => nameIsDnsSubdomain(name, false)),
});

/** The special ranges come last, after the name of the node. */
const checkAddresses = each(
  checkAddress,
  fields({ ip: (ip = '', path, context) => checkEndpointIp(ip, path, context) }),
);

const checkPorts = (ports: Loose, path: Path, context: RuleContext): void => {
  const checkName = ports?.length > 1 ? requiredAnd('', matches(isDns1123Label)) : present(matches(isDns1123Label));
  const checkPort = fields({
    name: checkName,
    port: checkPortNumber,
    protocol: requiredOneOf('SCTP', 'TCP', 'UDP'),
    appProtocol: matches(isQualifiedName),
  });
  each(checkPort)(ports, path, context);
};

const subsetChecks: Checks = fields({
  subsets: each(
    (subset, path, { errors }) => {
      if (subset.addresses?.length > 0 || subset.notReadyAddresses?.length > 0) return;
      errors.push(requiredError(path, 'must specify `addresses` or `notReadyAddresses`'));
    },
    fields({ addresses: checkAddresses, notReadyAddresses: checkAddresses, ports: checkPorts }),
  ),
});

/** Endpoints. Subsets that are stored are not checked again. */
export const endpointsRules: ResourceRules = {
  defaults: { '*': defaultEndpoints },
  nameCheck: nameIsDnsSubdomain,
  validate: (endpoints) => validateWith(subsetChecks, endpoints),
  validateUpdate: (endpoints, old) =>
    jsonEqual(endpoints.subsets ?? [], old.subsets ?? []) ? [] : validateWith(subsetChecks, endpoints),
  warnings: endpointsWarnings,
  allowCreateOnUpdate: true,
};

function defaultEndpoints(endpoints: KubeObject): void {
  for (const { ports } of endpoints.subsets ?? []) for (const port of ports ?? []) port.protocol ||= 'TCP';
}

/** The endpoints controller mends addresses itself, and is spared. */
function endpointsWarnings({ metadata, subsets }: KubeObject): string[] {
  if (metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') return [];
  return ((subsets ?? []) as Loose[]).flatMap((subset, i) =>
    ['addresses', 'notReadyAddresses'].flatMap((field) =>
      ((subset[field] ?? []) as Loose[]).flatMap(({ ip }, j) =>
        ipWarnings(`${Path.of('subsets').index(i).child(field).index(j).child('ip')}`, ip ?? ''),
      ),
    ),
  );
}

import {
  duplicate,
  forbidden,
  invalid,
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  isValidPortName,
  isValidPortNum,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { checkLabels } from '../../label-selector.ts';
import {
  type Check,
  type Checks,
  each,
  fields,
  type Loose,
  matches,
  oneOf,
  required,
  type RuleContext,
} from '../../rule.ts';
import { checkAddresses, checkExternalIps } from './address-checks.ts';
import { isHeadless } from './facts.ts';
import { checkLoadBalancerClass, checkSourceRanges, checkTraffic } from './traffic-checks.ts';

const maxAffinitySeconds = 86_400;
const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints';
const modeAnnotation = 'service.kubernetes.io/topology-mode';

const checkPort: Check = fields({
  port: checkPortNumber,
  protocol: [required(), oneOf('SCTP', 'TCP', 'UDP')],
  targetPort: checkPortNumberOrName,
  appProtocol: matches(isQualifiedName),
});

/** Everything that is checked of a service on create, and on update after the checks of what may change. */
export const serviceChecks: Checks = [
  fields({ metadata: checkTopologyAnnotations }),
  fields({
    spec: [
      checkPortsGiven,
      checkType,
      fields({
        ports: each(checkPortName, (port, path, context) => checkPort(port, path, context)),
        selector: checkLabels,
        sessionAffinity: [required(), oneOf('ClientIP', 'None')],
        sessionAffinityConfig: checkAffinityConfig,
      }),
      checkAddresses,
      checkExternalIps,
      fields({ type: [required(), oneOf('ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort')] }),
      fields({ ports: [checkNoNodePorts, checkUniqueNodePorts, checkUniquePorts] }),
    ],
  }),
  checkSourceRanges,
  fields({ spec: checkLoadBalancerNodePorts }),
  checkLoadBalancerClass,
  checkTraffic,
];

function checkTopologyAnnotations(metadata: Loose, path: Path, { errors }: RuleContext): void {
  const mode = metadata?.annotations?.[modeAnnotation];
  const hints = metadata?.annotations?.[hintsAnnotation];
  if (mode === undefined || hints === undefined || mode === hints) return;
  const detail = `must match annotations[${hintsAnnotation}] when both are specified`;
  errors.push(invalid(path.child('annotations').key(modeAnnotation), mode, detail));
}

function checkPortsGiven(spec: Loose, path: Path, { errors, object }: RuleContext): void {
  if (spec.ports?.length > 0 || isHeadless(object) || spec.type === 'ExternalName') return;
  errors.push(requiredError(path.child('ports')));
}

function checkType(spec: Loose, path: Path, context: RuleContext): void {
  if (spec.type === 'ExternalName') return checkExternalName(spec, path, context);
  if ((spec.type !== 'LoadBalancer' && spec.type !== 'NodePort') || !isHeadless(context.object)) return;
  const detail = `may not be set to 'None' for ${spec.type} services`;
  context.errors.push(invalid(path.child('clusterIPs').index(0), spec.clusterIPs[0], detail));
}

function checkExternalName(spec: Loose, path: Path, { errors }: RuleContext): void {
  for (const field of ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) {
    if (!spec[field] || spec[field].length === 0) continue;
    errors.push(forbidden(path.child(field), 'may not be set for ExternalName services'));
  }
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (name === '') errors.push(requiredError(path.child('externalName')));
  else for (const message of isDns1123Subdomain(name)) errors.push(invalid(path.child('externalName'), name, message));
}

/** A name is needed as soon as there are two ports, and is unique. */
function checkPortName(port: Loose, path: Path, { errors, object }: RuleContext): void {
  const ports: Loose[] = object.spec.ports;
  if (!port.name) {
    if (ports.length > 1) errors.push(requiredError(path.child('name')));
    return;
  }
  for (const message of isDns1123Label(port.name)) errors.push(invalid(path.child('name'), port.name, message));
  if (ports.findIndex((p) => p.name === port.name) !== ports.indexOf(port)) {
    errors.push(duplicate(path.child('name'), port.name));
  }
}

/** A number of 1 to 65535; a missing one counts as 0. */
export function checkPortNumber(port: Loose, path: Path, { errors }: RuleContext): void {
  for (const message of isValidPortNum(port ?? 0)) errors.push(invalid(path, port ?? 0, message));
}

/** A port's number or its name. */
export function checkPortNumberOrName(port: Loose, path: Path, context: RuleContext): void {
  if (typeof port === 'string') matches(isValidPortName)(port, path, context);
  else checkPortNumber(port, path, context);
}

function checkAffinityConfig(config: Loose, path: Path, { errors, object }: RuleContext): void {
  const affinity = object.spec.sessionAffinity;
  if (affinity === 'None' && config) {
    errors.push(forbidden(path, 'must not be set when session affinity is None'));
  }
  if (affinity !== 'ClientIP') return;
  const timeout = config?.clientIP?.timeoutSeconds;
  const missing = !config ? path : !config.clientIP ? path.child('clientIP') : path.child('clientIP', 'timeoutSeconds');
  if (timeout === undefined || timeout === null) {
    errors.push(requiredError(missing, 'when session affinity type is ClientIP'));
  } else if (timeout <= 0 || timeout > maxAffinitySeconds) {
    const detail = `must be greater than 0 and less than ${maxAffinitySeconds}`;
    errors.push(invalid(path.child('clientIP', 'timeoutSeconds'), timeout, detail));
  }
}

function checkNoNodePorts(ports: Loose, path: Path, { errors, object }: RuleContext): void {
  if (object.spec.type !== 'ClusterIP') return;
  (ports ?? []).forEach((port: Loose, i: number) => {
    if (!port.nodePort) return;
    errors.push(forbidden(path.index(i).child('nodePort'), "may not be used when `type` is 'ClusterIP'"));
  });
}

/** The same node port may serve several protocols, but each once. */
function checkUniqueNodePorts(ports: Loose, path: Path, { errors }: RuleContext): void {
  const seen = new Set<string>();
  (ports ?? []).forEach((port: Loose, i: number) => {
    if (!port.nodePort) return;
    const key = `${port.protocol}/${port.nodePort}`;
    if (seen.has(key)) errors.push(duplicate(path.index(i).child('nodePort'), port.nodePort));
    seen.add(key);
  });
}

function checkUniquePorts(ports: Loose, path: Path, { errors }: RuleContext): void {
  const seen = new Set<string>();
  (ports ?? []).forEach(({ protocol = '', port = 0 }: Loose, i: number) => {
    const key = `${protocol}/${port}`;
    const shown = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
    if (seen.has(key)) errors.push(duplicate(path.index(i), shown));
    seen.add(key);
  });
}

/** The second field's path is at the root in kube-apiserver too. */
function checkLoadBalancerNodePorts(spec: Loose, path: Path, { errors }: RuleContext): void {
  const field = 'allocateLoadBalancerNodePorts';
  const given = (spec[field] ?? null) !== null;
  if (given && spec.type !== 'LoadBalancer') {
    errors.push(forbidden(path.child(field), "may only be used when `type` is 'LoadBalancer'"));
  }
  if (!given && spec.type === 'LoadBalancer') errors.push(requiredError(field));
}

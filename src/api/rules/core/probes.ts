import { invalid, isHttpHeaderName, isValidPortName, isValidPortNum } from 'nekube/apimachinery';
import { type Check, defined, fields, nonNegative, oneOf, required, type UnionMember, union } from '../rule.ts';

/** A port by number or by the name of one of the container's ports. */
export const checkPortNumberOrName: Check = (port: number | string | undefined, path, { errors }) => {
  const messages = typeof port === 'string' ? isValidPortName(port) : isValidPortNum(port ?? 0);
  for (const message of messages) errors.push(invalid(path, port ?? 0, message));
};

const checkHttpGet: Check = fields({
  path: required(),
  port: checkPortNumberOrName,
  scheme: (scheme, path, context) => oneOf('HTTP', 'HTTPS')(scheme ?? '', path, context),
  httpHeaders: (headers, path, { errors }) => {
    for (const { name = '' } of headers ?? []) {
      for (const message of isHttpHeaderName(name)) errors.push(invalid(path, name, message));
    }
  },
});

const EXEC: UnionMember = { field: 'exec', checks: fields({ command: required() }) };
const HTTP_GET: UnionMember = { field: 'httpGet', checks: checkHttpGet };
const TCP_SOCKET: UnionMember = { field: 'tcpSocket', checks: fields({ port: checkPortNumberOrName }) };
const GRPC: UnionMember = { field: 'grpc', checks: fields({ port: checkPortNumberOrName }) };

function handler(...members: UnionMember[]): Check {
  return union(members, 'may not specify more than 1 handler type', 'must specify a handler type');
}

const checkProbeHandler = handler(EXEC, HTTP_GET, TCP_SOCKET, GRPC);

const checkProbe: Check = (probe, path, context) => {
  checkProbeHandler(probe, path, context);
  for (const name of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ]) {
    nonNegative(probe[name], path.child(name), context);
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) {
    context.errors.push(invalid(path.child('terminationGracePeriodSeconds'), grace, 'must be greater than 0'));
  }
};

const mustSucceedOnce: Check = (probe, path, { errors }) => {
  const threshold = probe.successThreshold ?? 0;
  if (threshold !== 1) errors.push(invalid(path.child('successThreshold'), threshold, 'must be 1'));
};

const hasNoGracePeriod: Check = (probe, path, { errors }) => {
  const grace = probe.terminationGracePeriodSeconds;
  if (grace === undefined) return;
  errors.push(invalid(path.child('terminationGracePeriodSeconds'), grace, 'must not be set for readinessProbes'));
};

const checkProbes: Check = fields({
  livenessProbe: defined(checkProbe, mustSucceedOnce),
  readinessProbe: defined(checkProbe, hasNoGracePeriod),
  startupProbe: defined(checkProbe, mustSucceedOnce),
});

/** The lifecycle handlers and probes of a container; a sleep must end within the pod's grace period (seconds). */
export function checkLifecycleAndProbes(gracePeriodSeconds: number | undefined): Check {
  const checkSleep: Check = ({ seconds = 0 }, path, { errors }) => {
    if (gracePeriodSeconds === undefined || (seconds >= 0 && seconds <= gracePeriodSeconds)) return;
    const limit = `terminationGracePeriodSeconds (${gracePeriodSeconds})`;
    errors.push(invalid(path, seconds, `must be non-negative and less than ${limit}`));
  };
  const checkHook = defined(handler(EXEC, HTTP_GET, TCP_SOCKET, { field: 'sleep', checks: checkSleep }));
  const checkLifecycle = fields({ lifecycle: fields({ postStart: checkHook, preStop: checkHook }) });
  return (container, path, context) => {
    checkLifecycle(container, path, context);
    checkProbes(container, path, context);
  };
}

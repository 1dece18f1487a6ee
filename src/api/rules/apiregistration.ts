import {
  formatTime,
  goQuote,
  invalid,
  isDns1035Label,
  isDns1123Subdomain,
  isValidPathSegmentName,
  isValidPortNum,
  type KubeObject,
  notSupported,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import type { ResourceRules } from './resource-rules.ts';
import {
  type Check,
  type Checks,
  each,
  fields,
  type Loose,
  matches,
  present,
  type RuleContext,
  required,
  validateWith,
} from './rule.ts';
import { ignoresStatus, prepare, takeOver } from './strategy.ts';

const statuses = ['True', 'False', 'Unknown'];
const mostGroupPriority = 20_000;
const mostVersionPriority = 1000;
const kept = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

const checkPriority = (most: number): Check => {
  return (priority = 0, path, { errors }) => {
    if (priority <= 0 || priority > most) {
      errors.push(invalid(path, priority, `must be positive and less than ${most}`));
    }
  };
};

const checkService = fields({
  namespace: required(),
  name: required(),
  port: (port = 0, path, { errors }) => {
    const messages = isValidPortNum(port);
    if (messages.length > 0) errors.push(invalid(path, port, `port is not valid: ${messages.join(', ')}`));
  },
});

const checks: Checks = [
  checkName,
  fields({
    spec: [
      checkGroup,
      fields({
        version: (version, path, context) => matches(isDns1035Label)(version ?? '', path, context),
        groupPriorityMinimum: checkPriority(mostGroupPriority),
        versionPriority: checkPriority(mostVersionPriority),
      }),
      checkBackend,
    ],
  }),
];

const checkStatus = fields({
  status: fields({
    conditions: each(({ status = '' }, path, { errors }) => {
      if (!statuses.includes(status)) errors.push(notSupported(path.child('status'), status, statuses));
    }),
  }),
});

/** The rules of apiregistration.k8s.io. */
export const apiregistrationRules: Readonly<Record<string, ResourceRules>> = {
  apiservices: {
    ...prepare(ignoresStatus, { prepareForCreate: (service, { now }) => markLocal(service, now) }),
    defaults: { '*': defaultApiService },
    nameCheck: (name) => isValidPathSegmentName(name),
    validate: (service) => validateWith(checks, service),
    validateUpdate: (service, old) => validateWith(checks, service, old),
    allowUnconditionalUpdate: false,
    subresources: {
      status: {
        prepareForUpdate: keepAllButStatus,
        resetFields: [['spec'], ['metadata']],
        validateUpdate: (service, old) => validateWith(checkStatus, service, old),
      },
    },
  },
};

function defaultApiService({ spec }: KubeObject): void {
  if (spec?.service) spec.service.port ??= 443;
}

/** What the server itself serves is available. */
function markLocal(service: KubeObject, now: Date): void {
  if (service.spec?.service) return;
  const condition = {
    type: 'Available',
    status: 'True',
    lastTransitionTime: formatTime(now),
    reason: 'Local',
    message: 'Local APIServices are always available',
  };
  service.status = { conditions: [condition] };
}

function keepAllButStatus(service: KubeObject, old: KubeObject): void {
  takeOver(service, old, 'spec');
  for (const field of kept) {
    if (old.metadata[field] === undefined) delete service.metadata[field];
    else Object.assign(service.metadata, { [field]: old.metadata[field] });
  }
}

/** Names are said to be wrong in the metadata's check, too, when they cannot stand in a URL. */
function checkName({ metadata, spec }: Loose, path: Path, { errors }: RuleContext): void {
  const wanted = `${spec?.version ?? ''}.${spec?.group ?? ''}`;
  const name: string = metadata.name ?? '';
  if (name === '' || name === wanted || isValidPathSegmentName(name).length > 0) return;
  const detail = `must be \`spec.version+"."+spec.group\`: ${goQuote(wanted)}`;
  errors.push(invalid(path.child('metadata', 'name'), name, detail));
}

function checkGroup({ group = '', version = '' }: Loose, path: Path, context: RuleContext): void {
  const at = path.child('group');
  if (group === '' && version !== 'v1') {
    const detail = 'only v1 may have an empty group and it better be legacy kube';
    context.errors.push(requiredError(at, detail));
  }
  present(matches(isDns1123Subdomain))(group, at, context);
}

/** Groups of the server itself have no service, and so no trust to configure. */
function checkBackend(spec: Loose, path: Path, context: RuleContext): void {
  const { errors } = context;
  const { service, caBundle = '', insecureSkipTLSVerify: insecure = false } = spec;
  const bundleBytes = Buffer.from(caBundle ?? '', 'base64').length;
  const insecurePath = path.child('insecureSkipTLSVerify');
  if (service) {
    checkService(service, path.child('service'), context);
    if (insecure && bundleBytes > 0) {
      errors.push(invalid(insecurePath, insecure, 'may not be true if caBundle is present'));
    }
    return;
  }
  if (bundleBytes > 0) {
    const detail = 'local APIServices may not have a caBundle';
    errors.push(invalid(path.child('caBundle'), `${bundleBytes} bytes`, detail));
  }
  if (insecure) errors.push(invalid(insecurePath, insecure, 'local APIServices may not have insecureSkipTLSVerify'));
}

import {
  cidrWarnings,
  duplicate,
  forbidden,
  invalid,
  isValidLegacyCidr,
  nameIsDnsSubdomain,
  Path,
  parseCidr,
} from 'nekube/apimachinery';
import { duplicateGo } from '../go-struct.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, each, type Loose, matches, type RuleContext, validateWith } from '../rule.ts';
import { takeOver } from '../strategy.ts';
import { dualStackErrors } from './dual-stack.ts';
import { checkConfigSource, checkConfigStatus } from './node-config.ts';
import { checkResourceAmount, roundAmounts } from './resources.ts';
import { checkTaints } from './tolerations.ts';

const METADATA = Path.of('metadata');
const SPEC = Path.of('spec');
const STATUS = Path.of('status');
const TAINTS_ANNOTATION = 'scheduler.alpha.kubernetes.io/taints';

function defaultNode(node: Loose): void {
  const { status } = node;
  if (status?.capacity) status.allocatable ??= { ...status.capacity };
  roundAmounts(status?.capacity);
  roundAmounts(status?.allocatable);
  mirrorPodCidr((node.spec ??= {}));
}

/** The one block of older clients is the first of the list. */
function mirrorPodCidr(spec: Loose): void {
  const first = spec.podCIDRs?.[0];
  if (spec.podCIDR && spec.podCIDR !== first) spec.podCIDRs = [spec.podCIDR];
  else if (first !== undefined) spec.podCIDR = first;
}

/** What every write of a node checks first. */
const checkNodeParts: Check = ({ metadata, status = {} }, _, context) => {
  checkTaintAnnotation(metadata.annotations?.[TAINTS_ANNOTATION], METADATA.child('annotations'), context);
  for (const field of ['capacity', 'allocatable']) {
    for (const [name, amount] of Object.entries<string>(status[field] ?? {}).sort()) {
      checkResourceAmount(name, amount, STATUS.child(field, name), context.errors);
    }
  }
  checkDeclaredFeatures(status.declaredFeatures ?? [], STATUS.child('declaredFeatures'), context);
};

/** Taints as JSON, from before they had a field. */
const checkTaintAnnotation: Check = (text: string | undefined, path, context) => {
  if (!text) return;
  try {
    checkTaints(JSON.parse(text), path.child(TAINTS_ANNOTATION), context);
  } catch (e) {
    if (!(e instanceof SyntaxError)) throw e;
    context.errors.push(invalid(path, TAINTS_ANNOTATION, e.message));
  }
};

const FEATURE = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/;
const FEATURE_FORM =
  "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";

function checkDeclaredFeatures(features: string[], path: Path, { errors }: RuleContext): void {
  features.forEach((feature, i) => {
    const problem = feature.length > 253 ? 'must be no more than 253 characters' : FEATURE_FORM;
    if (feature.length > 253 || !FEATURE.test(feature)) {
      errors.push(invalid(path.index(i), feature, `invalid feature name ${JSON.stringify(feature)}: ${problem}`));
    }
    const next = features[i + 1];
    if (next === undefined) return;
    if (next === feature) errors.push(duplicate(path.index(i + 1), next));
    else if (feature > next) errors.push(invalid(path.index(i + 1), next, 'list must be sorted alphabetically'));
  });
}

/** A whole node; its taints are reported in its metadata, where they once were. */
const checkNode: Check = (node, path, context) => {
  const { metadata, spec = {}, status = {} } = node;
  checkTaintAnnotation(metadata.annotations?.[TAINTS_ANNOTATION], METADATA.child('annotations'), context);
  checkTaints(spec.taints, METADATA.child('taints'), context);
  checkNodeParts({ metadata: {}, status: { ...status, declaredFeatures: undefined } }, path, context);
  const swap = status.nodeInfo?.swap?.capacity;
  if (swap !== undefined && swap <= 0) {
    context.errors.push(invalid(METADATA.child('nodeSwapStatus', 'capacity'), swap, 'must be greater than zero'));
  }
  checkDeclaredFeatures(status.declaredFeatures ?? [], STATUS.child('declaredFeatures'), context);
  checkPodCidrs(spec.podCIDRs ?? [], SPEC.child('podCIDRs'), context);
};

const checkPodCidrs: Check = (cidrs: string[], path, context) => {
  each(matches(isValidLegacyCidr))(cidrs, path, context);
  const tooMany = invalid(path, cidrs, 'may specify no more than one CIDR for each IP family');
  context.errors.push(...dualStackErrors(cidrs, path, cidrReader, tooMany));
};

const cidrReader = {
  familyOf: (text: string) => parseCidr(text)?.network.family,
  problem: (text: string, i: number) =>
    `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${i}]: <nil> (invalid CIDR address: ${text})`,
};

/** What may not change in a node. */
const checkNodeUpdate: Check = (node, path, context) => {
  const { spec = {}, status = {} } = node;
  const old = context.old!.spec ?? {};
  checkNodeParts(node, path, context);
  checkAddresses(status.addresses ?? [], STATUS.child('addresses'), context);
  checkUnchangedCidrs(spec, old, context);
  if (old.providerID && old.providerID !== spec.providerID) {
    const detail = 'node updates may not change providerID except from "" to valid';
    context.errors.push(forbidden(SPEC.child('providerID'), detail));
  }
  if (spec.configSource) checkConfigSource(spec.configSource, SPEC.child('configSource'), context);
  if (status.config) checkConfigStatus(status.config, STATUS.child('config'), context);
  checkTaints(spec.taints, METADATA.child('taints'), context);
  if ((spec.externalID ?? '') !== (old.externalID ?? '')) {
    context.errors.push(forbidden(SPEC.child('externalID'), 'may not be updated'));
  }
};

function checkAddresses(addresses: Loose[], path: Path, { errors }: RuleContext): void {
  const seen = new Set<string>();
  addresses.forEach((address, i) => {
    const key = JSON.stringify([address.type, address.address]);
    if (seen.has(key)) errors.push(duplicateGo(path.index(i), 'NodeAddress', address));
    seen.add(key);
  });
}

function checkUnchangedCidrs(
  { podCIDRs: now = [] }: Loose,
  { podCIDRs: before = [] }: Loose,
  { errors }: RuleContext,
): void {
  if (before.length === 0) return;
  const changes = before.length === now.length ? before.filter((cidr: string, i: number) => cidr !== now[i]).length : 1;
  const detail = 'node updates may not change podCIDR except from "" to valid';
  for (let i = 0; i < changes; i++) errors.push(forbidden(SPEC.child('podCIDRs'), detail));
}

/** The rules of nodes. */
export const nodeRules: ResourceRules = {
  defaults: { '*': defaultNode },
  nameCheck: nameIsDnsSubdomain,
  prepareForCreate: (node) => {
    delete node.spec?.configSource;
    delete node.status?.config;
  },
  prepareForUpdate: (node, old) => {
    takeOver(node, old, 'status');
    if (!old.spec?.configSource) delete node.spec?.configSource;
  },
  validate: (node) => validateWith(checkNode, node),
  validateUpdate: (node, old) => validateWith([checkNode, checkNodeUpdate], node, old),
  warnings: ({ spec }) => [
    ...(spec?.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(spec?.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
    ...(spec?.podCIDRs ?? []).flatMap((cidr: string, i: number) => cidrWarnings(`spec.podCIDRs[${i}]`, cidr)),
  ],
  resetFields: [['status']],
  subresources: {
    status: {
      prepareForUpdate: (node, old) => {
        takeOver(node, old, 'spec');
        if (!old.status?.config) delete node.status?.config;
      },
      validateUpdate: (node, old) => validateWith(checkNodeUpdate, node, old),
      resetFields: [['spec']],
    },
  },
  selectableFields: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),
};

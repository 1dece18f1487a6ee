import {
  cidrContains,
  cidrWarnings,
  forbidden,
  invalid,
  isValidLegacyCidr,
  isValidPortName,
  isValidPortNum,
  type KubeObject,
  nameIsDnsSubdomain,
  Path,
  parseCidr,
  required as requiredError,
} from 'nekube/apimachinery';
import { checkLabelSelector, hasInvalidLabelValue } from '../label-selector.ts';
import type { ResourceRules } from '../resource-rules.ts';
import {
  type Check,
  defined,
  each,
  fields,
  type Loose,
  matches,
  oneOf,
  type RuleContext,
  validateWith,
} from '../rule.ts';
import { countsGeneration, prepare } from '../strategy.ts';

const policyTypes = ['Ingress', 'Egress'];

/** What an update may keep although it is invalid, since it is stored. */
interface Kept {
  readonly selectorValues: boolean;
  readonly cidrs: readonly string[];
}

/** Network policies. */
export const networkPolicyRules: ResourceRules = {
  ...prepare(countsGeneration('spec')),
  defaults: { '*': defaultNetworkPolicy },
  nameCheck: nameIsDnsSubdomain,
  validate: (policy) => validateWith(checkPolicy({ selectorValues: false, cidrs: [] }), policy),
  validateUpdate: (policy, old) => validateWith(checkPolicy(keptOf(old)), policy, old),
  warnings: policyWarnings,
};

function defaultNetworkPolicy({ spec }: KubeObject): void {
  if (!spec) return;
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
  }
  if (spec.policyTypes?.length > 0) return;
  spec.policyTypes = spec.egress?.length > 0 ? [...policyTypes] : ['Ingress'];
}

function checkPolicy(kept: Kept): Check {
  const checkSelector = checkLabelSelector({ allowInvalidLabelValue: kept.selectorValues });
  const checkPeer: Check = (peer, path, context) => {
    const named = [peer.podSelector, peer.namespaceSelector, peer.ipBlock].filter((p) => p !== undefined && p !== null);
    fields({ podSelector: checkSelector, namespaceSelector: checkSelector, ipBlock: defined(checkIpBlock(kept)) })(
      peer,
      path,
      context,
    );
    if (named.length === 0) context.errors.push(requiredError(path, 'must specify a peer'));
    else if (named.length > 1 && peer.ipBlock) {
      context.errors.push(forbidden(path, 'may not specify both ipBlock and another peer'));
    }
  };
  return fields({
    spec: fields({
      podSelector: checkSelector,
      ingress: each(fields({ ports: each(checkPort), from: each(checkPeer) })),
      egress: each(fields({ ports: each(checkPort), to: each(checkPeer) })),
      policyTypes: checkPolicyTypes,
    }),
  });
}

function checkPolicyTypes(types: Loose, path: Path, context: RuleContext): void {
  if (types?.length > policyTypes.length) {
    context.errors.push(invalid(path, types, 'may not specify more than two policyTypes'));
  } else each(oneOf(...policyTypes))(types, path, context);
}

/** `endPort` makes a range of a number. */
function checkPort(entry: Loose, path: Path, context: RuleContext): void {
  const { errors } = context;
  const { port, endPort } = entry;
  defined(oneOf('TCP', 'UDP', 'SCTP'))(entry.protocol, path.child('protocol'), context);
  const [at, endAt] = [path.child('port'), path.child('endPort')];
  const ranged = endPort !== undefined && endPort !== null;
  if (typeof port === 'number') {
    for (const message of isValidPortNum(port)) errors.push(invalid(at, port, message));
    if (!ranged) return;
    if (endPort < port) errors.push(invalid(endAt, port, 'must be greater than or equal to `port`'));
    for (const message of isValidPortNum(endPort)) errors.push(invalid(endAt, endPort, message));
  } else if (typeof port === 'string') {
    if (ranged) errors.push(invalid(endAt, endPort, 'may not be specified when `port` is non-numeric'));
    matches(isValidPortName)(port, at, context);
  } else if (ranged) errors.push(invalid(endAt, endPort, 'may not be specified when `port` is not specified'));
}

function checkIpBlock({ cidrs }: Kept): Check {
  const messagesOf = (text: string) => (cidrs.includes(text) ? [] : isValidLegacyCidr(text));
  return ({ cidr = '', except }, path, { errors }) => {
    const at = path.child('cidr');
    if (cidr === '') {
      errors.push(requiredError(at));
      return;
    }
    for (const message of messagesOf(cidr)) errors.push(invalid(at, cidr, message));
    const block = parseCidr(cidr);
    if (!block) return;
    ((except ?? []) as string[]).forEach((text, i) => {
      const exceptAt = path.child('except').index(i);
      for (const message of messagesOf(text)) errors.push(invalid(exceptAt, text, message));
      const hole = parseCidr(text);
      if (!hole || (cidrContains(block, hole.network) && block.prefixLength < hole.prefixLength)) return;
      errors.push(invalid(exceptAt, text, 'must be a strict subset of `cidr`'));
    });
  };
}

function keptOf({ spec }: KubeObject): Kept {
  const peers = [...(spec.ingress ?? []), ...(spec.egress ?? [])].flatMap((rule: Loose) => rule.from ?? rule.to ?? []);
  return {
    selectorValues: hasInvalidLabelValue(spec.podSelector),
    cidrs: peers.flatMap(({ ipBlock }: Loose) => (ipBlock ? [ipBlock.cidr, ...(ipBlock.except ?? [])] : [])),
  };
}

function policyWarnings({ spec }: KubeObject): string[] {
  return [
    ['ingress', 'from'],
    ['egress', 'to'],
  ].flatMap(([direction, peers]) =>
    ((spec?.[direction!] ?? []) as Loose[]).flatMap((rule, i) =>
      ((rule[peers!] ?? []) as Loose[]).flatMap(({ ipBlock }, j) =>
        blockWarnings(ipBlock, Path.of('spec', direction!).index(i).child(peers!).index(j).child('ipBlock')),
      ),
    ),
  );
}

function blockWarnings(block: Loose, path: Path): string[] {
  if (!block) return [];
  return [
    ...cidrWarnings(`${path.child('cidr')}`, block.cidr ?? ''),
    ...((block.except ?? []) as string[]).flatMap((text, k) => cidrWarnings(`${path.child('except').index(k)}`, text)),
  ];
}

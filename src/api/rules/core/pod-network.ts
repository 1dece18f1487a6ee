import {
  byteLength,
  forbidden,
  invalid,
  isDns1123Subdomain,
  isDns1123SubdomainWithUnderscore,
  isValidLegacyIp,
  required as requiredError,
  tooLong,
} from 'nekube/apimachinery';
import { type Check, each, type Loose, matches } from '../rule.ts';
import type { PodCheckOptions } from './pod-options.ts';

/** A pod that uses the host's network has its ports there too; templates may leave that to defaulting. */
export function checkHostNetworkPorts(options: PodCheckOptions): Check {
  return (spec, path, { errors }) => {
    if (!spec.hostNetwork) return;
    (spec.containers ?? []).forEach(({ ports = [] }: Loose, i: number) => {
      ports.forEach(({ hostPort = 0, containerPort = 0 }: Loose, j: number) => {
        if (hostPort === containerPort || (hostPort === 0 && !options.resourceIsPod)) return;
        const at = path.child('containers').index(i).child('ports').index(j).child('hostPort');
        errors.push(invalid(at, hostPort, 'must match `containerPort` when `hostNetwork` is true'));
      });
    });
  };
}

const checkIp = matches(isValidLegacyIp);

/** Names for addresses that a pod has in its hosts file. */
export const checkHostAliases: Check = each((alias, path, context) => {
  checkIp(alias.ip ?? '', path.child('ip'), context);
  each(matches(isDns1123Subdomain))(alias.hostnames, path.child('hostnames'), context);
});

/** How a pod resolves names; the policy None needs a name server. */
export function checkDnsConfig(policy: string): Check {
  return (config, path, context) => {
    const { errors } = context;
    const { nameservers = [], searches = [], options = [] } = config ?? {};
    if (policy === 'None') {
      if (!config) return void errors.push(requiredError(path, 'must provide `dnsConfig` when `dnsPolicy` is None'));
      const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      if (nameservers.length === 0) return void errors.push(requiredError(path.child('nameservers'), detail));
    }
    const at = path.child('nameservers');
    if (nameservers.length > 3) errors.push(invalid(at, nameservers, 'must not have more than 3 nameservers'));
    each(checkIp)(nameservers, at, context);
    checkSearches(searches, path.child('searches'), context);
    options.forEach(({ name }: Loose, i: number) => {
      if (!name) errors.push(requiredError(path.child('options').index(i), 'must not be empty'));
    });
  };
}

const checkSearches: Check = (searches: string[], path, { errors }) => {
  if (searches.length > 32) errors.push(invalid(path, searches, 'must not have more than 32 search paths'));
  if (byteLength(searches.join(' ')) > 2048) {
    const detail = 'must not have more than 2048 characters (including spaces) in the search list';
    errors.push(invalid(path, searches, detail));
  }
  searches.forEach((search, i) => {
    if (search === '.') return;
    const name = search.replace(/\.$/, '');
    for (const m of isDns1123SubdomainWithUnderscore(name)) errors.push(invalid(path.index(i), name, m));
  });
};

/** A host name of its own choice, which the node's name or the pod's domain must not contradict. */
export const checkHostnameOverride: Check = (spec, path, context) => {
  const name: string | undefined = spec.hostnameOverride;
  if (name === undefined) return;
  const at = path.child('hostnameOverride');
  if (spec.setHostnameAsFQDN) {
    context.errors.push(forbidden(at, 'may not be specified when setHostnameAsFQDN is true'));
  }
  if (spec.hostNetwork) context.errors.push(forbidden(at, 'may not be specified when hostNetwork is true'));
  if (byteLength(name) > 64) context.errors.push(tooLong(at, 64));
  matches(isDns1123Subdomain)(name, at, context);
};

import type { ResourceRules } from './resource-rules.ts';
import { ingressClassRules } from './networking/ingress-class.ts';
import { ingressRules } from './networking/ingress.ts';
import { ipAddressRules } from './networking/ip-address.ts';
import { networkPolicyRules } from './networking/network-policy.ts';
import { serviceCidrRules } from './networking/service-cidr.ts';

/** The rules of networking.k8s.io. */
export const networkingRules: Readonly<Record<string, ResourceRules>> = {
  ingressclasses: ingressClassRules,
  ingresses: ingressRules,
  ipaddresses: ipAddressRules,
  networkpolicies: networkPolicyRules,
  servicecidrs: serviceCidrRules,
};

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Gateway, HTTPRoute, type HTTPRouteSpecRulesFilters, XBackend } from 'nekube/gateway/kinds';

test('kinds of Gateway API say how they are served, and what their objects are like', () => {
  const filter: HTTPRouteSpecRulesFilters = { type: 'RequestRedirect', requestRedirect: { statusCode: 301 } };
  const spec: HTTPRoute['spec'] = { rules: [{ filters: [filter] }] };
  assert.equal(spec.rules?.[0]?.filters?.[0], filter);
  assert.equal(HTTPRoute.resource, 'httproutes');
  assert.equal(XBackend.apiVersion, 'gateway.networking.x-k8s.io/v1alpha1');
  // @ts-expect-error what a definition requires must be there
  const gateway: Gateway['spec'] = { gatewayClassName: 'nekube' };
  assert.equal(gateway.gatewayClassName, 'nekube');
});

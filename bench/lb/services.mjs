// Services as all that are measured get them: as objects, for us, and as what they come to, for the rules of kube-proxy.

/** A Service of an address, with its endpoints as `ADDRESS:PORT`. */
export function service(i, { net = 96, endpoints, port = 80 }) {
  return { name: `default/web-${i}:http`, address: `10.${net}.${i >> 8}.${i & 255}`, port, endpoints };
}

/** So many Services, with so many endpoints each, none of which exists; the one at `at` has these instead. */
export function services(count, { endpoints = 5, net, at, real }) {
  return Array.from({ length: count }, (_, i) => {
    const made = Array.from({ length: endpoints }, (_, j) => {
      const number = i * endpoints + j;
      return `10.${128 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}:8080`;
    });
    return service(i, { net, endpoints: i === at ? real : made });
  });
}

/** A Service and its EndpointSlice as an API server has them. */
export function objectsOf({ name, address, port, endpoints }) {
  const plain = name.slice('default/'.length, -':http'.length);
  const labels = { 'kubernetes.io/service-name': plain };
  const conditions = { ready: true, serving: true, terminating: false };
  return {
    service: {
      ...{ apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name: plain } },
      spec: {
        ...{ type: 'ClusterIP', clusterIP: address, clusterIPs: [address], ipFamilies: ['IPv4'] },
        ports: [{ name: 'http', port, protocol: 'TCP', targetPort: 8080 }],
      },
    },
    slice: {
      ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
      metadata: { namespace: 'default', name: `${plain}-1`, labels },
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      endpoints: endpoints.map((endpoint, i) => ({
        ...{ addresses: [endpoint.split(':')[0]], nodeName: `node-${i}`, conditions: { ...conditions } },
      })),
    },
  };
}

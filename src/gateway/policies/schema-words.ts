import type { JsonObject } from 'nekube/apimachinery';
import { bounded } from 'nekube/definitions';

const { list, object, oneOf, text, whole, withRules } = bounded;

type Described = bounded.Described;

/** A duration as Gateway API writes them. */
export function duration(description: string): Described {
  return { type: 'string', description, pattern: '^([0-9]{1,5}(h|m|s|ms)){1,4}$' };
}

/** A number of bytes. */
export function bytes(description: string, maximum = 2_147_483_647): Described {
  return whole(description, 1, { maximum });
}

/** From 0 to 100. */
export function percent(description: string): Described {
  return whole(description, 0, { maximum: 100 });
}

/** The name of a header. */
export function headerName(description: string): Described {
  return text(description, { maxLength: 256, pattern: "^[A-Za-z0-9!#$%&'*+\\-.^_\\x60|~]+$" });
}

/** A network as in 10.0.0.0/8. */
export function cidr(description: string): Described {
  return withRules(text(description, { maxLength: 49 }), {
    rule: 'isCIDR(self)',
    message: 'must be a network as in 10.0.0.0/8 or fd00::/8',
  });
}

/** A flag. */
export function flag(description: string): Described {
  return { type: 'boolean', description };
}

/** Changes of headers, as filters of routes have them. */
export function headers(description: string): Described {
  const value = object('A header.', { name: headerName('Its name.'), value: text('Its value.', { maxLength: 4096 }) }, [
    'name',
    'value',
  ]);
  return object(description, {
    set: list('These replace what there is.', value),
    add: list('These come beside what there is.', value),
    remove: list('These go.', headerName('A name.')),
  });
}

/** A reference to an object; another namespace needs a ReferenceGrant. */
export function objectRef(description: string, kind: string): Described {
  return object(description, refProperties(kind, ''), ['name']);
}

/** A reference to what can be asked. */
export function backendRef(description: string): Described {
  const port = whole('Needed for a Service.', 1, { maximum: 65_535 });
  return object(description, { ...refProperties('Service', ''), port }, ['name']);
}

function refProperties(kind: string, group: string): Record<string, JsonObject> {
  return {
    group: { type: 'string', description: 'Its API group.', maxLength: 253, default: group },
    kind: { ...text('Its kind.', { maxLength: 63 }), default: kind },
    name: text('Its name.'),
    namespace: text('Its namespace. Default: that of the policy. Another one must allow it by a ReferenceGrant.', {
      maxLength: 63,
    }),
  };
}

const target = object(
  'An object in the namespace of the policy.',
  {
    group: { type: 'string', description: 'Its API group; empty for Services.', maxLength: 253 },
    kind: text('Its kind.', { maxLength: 63 }),
    name: text('Its name.'),
    sectionName: text('Only a listener of a Gateway, a rule of a route or a port of a Service.'),
  },
  ['group', 'kind', 'name'],
);

/** What a policy is about, one of some kinds. */
export function targetRefs(description: string, kinds: readonly string[]): Described {
  const names = kinds.map((kind) => `'${kind}'`).join(', ');
  return withRules(list(description, target, { maxItems: 16 }), {
    rule: `self.all(ref, ref.kind in [${names}])`,
    message: `kind must be one of ${kinds.join(', ')}`,
  });
}

/** HTTP/2, on either side. */
export const http2 = object('Of HTTP/2.', {
  maxConcurrentStreams: whole('At once on a connection. Default 100.', 1, { maximum: 2_147_483_647 }),
  streamWindowBytes: whole('So much of a stream may be under way. Default 65536.', 65_535, { maximum: 2_147_483_647 }),
  connectionWindowBytes: whole('So much of a connection may be under way. Default 1048576.', 65_535, {
    maximum: 2_147_483_647,
  }),
});

/** Probes of TCP. */
export const tcpKeepalive = object('Probes of connections on which nothing is sent.', {
  probes: whole('So many unanswered ones end the connection.', 1, { maximum: 255 }),
  idle: duration('After so much silence.'),
  interval: duration('Between probes.'),
});

const conditions: JsonObject = {
  type: 'array',
  description: 'Accepted: whether it is in force. Overridden and Programmed where they say more.',
  maxItems: 8,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  items: object(
    'A condition.',
    {
      type: text('Its type.', { maxLength: 316 }),
      status: oneOf('Whether it holds.', ['True', 'False', 'Unknown']),
      observedGeneration: { type: 'integer', format: 'int64', minimum: 0, description: 'Of the policy.' },
      lastTransitionTime: { type: 'string', format: 'date-time', description: 'When the status changed.' },
      reason: text('Why, in a word.', { maxLength: 1024 }),
      message: { type: 'string', maxLength: 32_768, description: 'Why, and what to do.' },
    },
    ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
  ),
};

/** A policy's status, as that of Gateway API's own (GEP-713). */
export const policyStatus: JsonObject = object(
  'What became of it.',
  {
    ancestors: {
      type: 'array',
      description: 'One entry for each Gateway that it is about.',
      maxItems: 16,
      'x-kubernetes-list-type': 'atomic',
      items: object(
        'What became of it with one Gateway.',
        {
          ancestorRef: object(
            'The Gateway.',
            {
              group: { type: 'string', description: 'Its API group.' },
              kind: { type: 'string', description: 'Its kind.' },
              namespace: { type: 'string', description: 'Its namespace.' },
              name: text('Its name.'),
              sectionName: { type: 'string', description: 'Its listener.' },
              port: { type: 'integer', format: 'int32', description: 'Its port.' },
            },
            ['name'],
          ),
          controllerName: text('Who says so.'),
          conditions,
        },
        ['ancestorRef', 'controllerName', 'conditions'],
      ),
    },
  },
  ['ancestors'],
);

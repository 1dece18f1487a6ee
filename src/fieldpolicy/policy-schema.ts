import { bounded } from 'nekube/definitions';
import { PATH_RULE } from './path-rule.ts';
import { DECISIONS, type FieldPolicy } from './types.ts';

const { list, object, oneOf, text, whole, withRules } = bounded;
type Described = bounded.Described;

/** The schema of the spec of a kind. */
export function specSchema(kind: FieldPolicy['kind']): Described {
  const spec = object(
    'Which conflicts it is about, and what becomes of them.',
    {
      priority: {
        type: 'integer',
        format: 'int32',
        description: 'The highest that matches decides. Default 0.',
      },
      match: matchSchema(kind),
      condition: text(
        'CEL; without one it is true. self is the object if the apply took everything, oldSelf the live object, path the field in conflict, manager who applies, other.name, other.operation and other.subresource who owns the field, user.name and user.groups who is authenticated. One that cannot be evaluated decides Fail.',
        { maxLength: 8192 },
      ),
      decision: oneOf(
        'Force: the applied value wins, and the other does not own it any more. Share: the live value stays, and both own it. Yield: the live value stays, and the applying manager does not own it. Fail: the apply is refused. Lease: the claim of the other holds for a time, then Force. Ask: the apply waits for a person as an ApplyConflict.',
        DECISIONS,
      ),
      lease: object(
        'How long the claim of another holds. Only for Lease.',
        {
          durationSeconds: whole('From the time of the entry in managedFields.', 1, { maximum: 315_360_000 }),
          whileHeld: oneOf('What is decided until then. Default Yield.', ['Yield', 'Fail']),
        },
        ['durationSeconds'],
      ),
      ask: object('How a person is asked. Only for Ask.', {
        ttlSeconds: whole('How long the apply waits. Default one day.', 1, { maximum: 31_536_000 }),
      }),
    },
    ['match', 'decision'],
  );
  return withRules(
    spec,
    {
      rule: "self.decision != 'Lease' || has(self.lease)",
      message: 'lease must be there for the decision Lease; set lease.durationSeconds',
    },
    {
      rule: "self.decision == 'Lease' || !has(self.lease)",
      message: 'lease is for the decision Lease only; remove it, or decide Lease',
    },
    {
      rule: "self.decision == 'Ask' || !has(self.ask)",
      message: 'ask is for the decision Ask only; remove it, or decide Ask',
    },
  );
}

function matchSchema(kind: FieldPolicy['kind']): Described {
  const match = object(
    'All that is stated must hold; a list holds if one of its entries does. Names may have * for any text.',
    {
      resources: list(
        'Kinds of objects.',
        object(
          'Kinds of a group.',
          {
            group: text('Empty for the core group, * for any.', { minLength: 0 }),
            kinds: list('As in Deployment, * for any.', text('A kind.', { maxLength: 63 })),
          },
          ['group', 'kinds'],
        ),
      ),
      namespaces: list('Of a ClusterFieldPolicy only: namespaces of the object.', text('A name.', { maxLength: 63 })),
      labelSelector: labelSelectorSchema,
      fields: list(
        'Paths of fields; what is below a path that matches, matches too. Without it: all fields.',
        withRules(
          text('As in .spec.replicas, .spec.containers[name="app"].image, .data.*, or **.image.', { maxLength: 1024 }),
          PATH_RULE,
        ),
      ),
      managers: list('Who applies: the field manager of the request.', text('A name.', { maxLength: 128 })),
      otherManagers: list(
        'Who owns the field.',
        object(
          'Managers.',
          {
            name: text('The field manager.', { maxLength: 128 }),
            operation: oneOf('How they wrote the field. Without it: either way.', ['Apply', 'Update']),
            subresource: text('By which part of the object, empty for the object itself. Without it: any.', {
              minLength: 0,
              maxLength: 63,
            }),
          },
          ['name'],
        ),
      ),
      claimAge: claimAgeSchema,
      subresources: list(
        'The part of the object that is applied to; empty for the object itself. Without it: any.',
        text('As in status, scale.', { minLength: 0, maxLength: 63 }),
      ),
      users: list('Who is authenticated, whatever manager they name.', text('A user name.', { maxLength: 1024 })),
      groups: list('Groups of who is authenticated.', text('A group.', { maxLength: 1024 })),
      window: windowSchema,
    },
    ['resources'],
  );
  if (kind === 'ClusterFieldPolicy') return match;
  return withRules(match, {
    rule: '!has(self.namespaces)',
    message: 'namespaces is for a ClusterFieldPolicy only; remove it: a FieldPolicy is about its own namespace',
  });
}

const labelSelectorSchema: Described = object('Labels of the live object.', {
  matchLabels: {
    type: 'object',
    description: 'Labels and their values.',
    additionalProperties: { type: 'string', maxLength: 63 },
    maxProperties: 64,
  },
  matchExpressions: {
    ...list(
      'Requirements, all of which must hold.',
      withRules(
        object(
          'A requirement.',
          {
            key: text('A label.', { maxLength: 317 }),
            operator: oneOf('How the label relates to the values.', ['In', 'NotIn', 'Exists', 'DoesNotExist']),
            values: {
              type: 'array',
              description: 'Of In and NotIn only.',
              items: { type: 'string', maxLength: 63 },
              maxItems: 64,
              'x-kubernetes-list-type': 'atomic',
            },
          },
          ['key', 'operator'],
        ),
        {
          rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
          message: 'values must be there for In and NotIn, and for no other operator',
        },
      ),
    ),
    minItems: 0,
  },
});

const claimAgeSchema: Described = withRules(
  object('How old the claim of the other is, by the time of its entry in managedFields.', {
    atLeastSeconds: whole('Not younger.', 0, { maximum: 315_360_000 }),
    atMostSeconds: whole('Not older.', 0, { maximum: 315_360_000 }),
  }),
  {
    rule: 'has(self.atLeastSeconds) || has(self.atMostSeconds)',
    message: 'atLeastSeconds or atMostSeconds must be there; set one, or remove claimAge',
  },
  {
    rule: '!has(self.atLeastSeconds) || !has(self.atMostSeconds) || self.atLeastSeconds <= self.atMostSeconds',
    message: 'atLeastSeconds must not be more than atMostSeconds: no claim would match',
  },
);

const TIME = '([01][0-9]|2[0-3]):[0-5][0-9]';

const windowSchema: Described = withRules(
  object('When the apply happens, by the clocks on the wall of a time zone.', {
    timeZone: withRules(
      text('An IANA name, as in Europe/Berlin. Default UTC.', { maxLength: 64 }),
      {
        rule: "self.matches('^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$') && self != 'Local'",
        message: 'must be the IANA name of a time zone, as in Europe/Berlin or UTC',
      },
      {
        // a zone that is not known cannot be evaluated, and so is refused
        rule: "timestamp('2026-01-01T00:00:00Z').getHours(self) >= 0",
        message: 'must be a time zone that is known, as in Europe/Berlin or UTC',
      },
    ),
    days: list(
      'Days on which it begins. Without it: every day.',
      oneOf('A day of the week.', ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']),
      { maxItems: 7, 'x-kubernetes-list-type': 'set' },
    ),
    from: withRules(text('HH:MM, included. Default 00:00.', { maxLength: 5 }), {
      rule: `self.matches('^${TIME}$')`,
      message: 'must be a time HH:MM from 00:00 to 23:59, as in 08:30',
    }),
    to: withRules(text('HH:MM, excluded. Default 24:00. Before from: on the next day.', { maxLength: 5 }), {
      rule: `self.matches('^(${TIME}|24:00)$')`,
      message: 'must be a time HH:MM from 00:00 to 24:00, as in 17:30',
    }),
  }),
  {
    rule: "(has(self.from) ? self.from : '00:00') != (has(self.to) ? self.to : '24:00')",
    message: 'from and to must not be the same; leave both out for whole days',
  },
);

/** Conditions, as all objects have them. */
export const statusSchema: Described = object('What the server that heeds the policy says about it.', {
  conditions: {
    type: 'array',
    description: 'Accepted: false with the reason Malformed if it cannot be evaluated, so that it decides Fail.',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
    maxItems: 8,
    items: object(
      'A condition.',
      {
        type: { type: 'string', maxLength: 316 },
        status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
        reason: { type: 'string', minLength: 1, maxLength: 1024 },
        message: { type: 'string', maxLength: 32_768 },
        lastTransitionTime: { type: 'string', format: 'date-time' },
        observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
      },
      ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
    ),
  },
  decisions: {
    type: 'array',
    description: 'How often it has decided what, for how many fields, and when last; dry runs do not count.',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['decision'],
    maxItems: 5,
    items: object(
      'What was decided, and how often.',
      {
        decision: { type: 'string', enum: ['Fail', 'Ask', 'Yield', 'Share', 'Force'] },
        count: { type: 'integer', format: 'int64', minimum: 0 },
        lastTime: { type: 'string', format: 'date-time' },
      },
      ['decision', 'count', 'lastTime'],
    ),
  },
});

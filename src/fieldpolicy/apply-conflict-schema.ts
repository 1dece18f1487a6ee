import { bounded } from 'nekube/definitions';

const { object, oneOf, text, withRules } = bounded;
type Described = bounded.Described;

const unchanged = { rule: 'self == oldSelf', message: 'must not change; only decisions do' };

const objectRef = withRules(
  object(
    'The object that is applied to.',
    {
      apiVersion: text('As in apps/v1.'),
      kind: text('As in Deployment.', { maxLength: 63 }),
      name: text('Its name; its namespace is that of the ApplyConflict.'),
      uid: text('Its uid: another object of the same name is another one.', { maxLength: 128 }),
      subresource: text('The part that is applied to; without it the object itself.', { maxLength: 63 }),
    },
    ['apiVersion', 'kind', 'name', 'uid'],
  ),
  { ...unchanged, message: 'must not change: another object is another ApplyConflict' },
);

/** A value as JSON, which may be long: no rule looks at it. */
function value(description: string): Described {
  return { type: 'string', description };
}

/** The schema of the spec of an ApplyConflict. */
export const applyConflictSpec: Described = object(
  'What was applied, what is in conflict, and what was decided.',
  {
    objectRef,
    manager: withRules(text('Who applied: the field manager.', { maxLength: 128 }), {
      ...unchanged,
      message: 'must not change: another manager is another ApplyConflict',
    }),
    user: value('Who was authenticated.'),
    policy: value('The policy that asks.'),
    configuration: value('The applied configuration, as JSON.'),
    conflicts: {
      type: 'array',
      description: 'The fields that a person is to decide.',
      'x-kubernetes-list-type': 'atomic',
      items: object(
        'A field, and who owns it.',
        {
          path: value('The field, with quotes where its names need them.'),
          manager: value('Who owns it.'),
          live: value('The value that the object has, as JSON.'),
          applied: value('The value that was applied, as JSON.'),
        },
        ['path', 'manager'],
      ),
    },
    expirationTime: { type: 'string', format: 'date-time', description: 'When the server removes it.' },
    decisions: {
      type: 'array',
      description:
        'What a person decided. When there is one for each conflict, the next apply of this configuration is carried out by them.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['path'],
      maxItems: 1024,
      items: object(
        'A decision.',
        {
          path: text('As it stands in conflicts, or a pattern for several.', { maxLength: 4096 }),
          decision: oneOf(
            'Force: the applied value wins. Share: the live value stays, owned by both. Yield: the live value stays. Fail: the apply is refused.',
            ['Fail', 'Yield', 'Share', 'Force'],
          ),
        },
        ['path', 'decision'],
      ),
    },
  },
  ['objectRef', 'manager', 'policy', 'configuration', 'conflicts', 'expirationTime'],
);

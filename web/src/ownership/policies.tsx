import { kinds } from '../api/discovery.ts';
import { objectHref } from '../api/kinds.ts';
import { href } from '../app/router.ts';
import { Age } from '../ui/age-text.tsx';
import { Notice } from '../ui/notice.tsx';
import { Failure, useAnswer } from './answer.tsx';
import { ownershipTexts as t } from './texts.ts';

interface Policy {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: {
    readonly priority?: number;
    readonly decision: string;
    readonly condition?: string;
    readonly match: {
      readonly resources?: readonly { readonly group: string; readonly kinds: readonly string[] }[];
      readonly namespaces?: readonly string[];
      readonly fields?: readonly string[];
      readonly managers?: readonly string[];
      readonly otherManagers?: readonly { readonly name: string }[];
    };
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly decisions?: readonly { readonly decision: string; readonly count: number; readonly lastTime: string }[];
  };
}

interface Parked {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: {
    readonly manager: string;
    readonly policy: string;
    readonly expirationTime: string;
    readonly objectRef: { readonly kind: string; readonly name: string };
    readonly conflicts: readonly { readonly path: string; readonly manager: string }[];
  };
}

interface Answer {
  readonly policies: readonly { readonly policy: Policy; readonly problems: readonly unknown[] }[];
  readonly waiting: readonly Parked[];
  /** Kinds that the user may not list. */
  readonly unread?: readonly string[];
}

/** The policies that decide conflicts, in the order in which they are asked, and what waits for a person. */
export function Policies() {
  const { answer, failure } = useAnswer<Answer>('/console/policies', 5000);
  if (answer === undefined)
    return failure === undefined ? <div class="pending" role="status" /> : <Failure status={failure} />;
  const policies = [...answer.policies].sort((a, b) => (b.policy.spec.priority ?? 0) - (a.policy.spec.priority ?? 0));
  const isNone = policies.length === 0;
  return (
    <div class="pane">
      {answer.unread && <p class="banner warn">{t.policiesUnread(answer.unread.join(', '))}</p>}
      {answer.waiting.length > 0 && (
        <section class="wars">
          <h2>{t.waiting}</h2>
          <p class="soft">{t.waitingHint}</p>
          {answer.waiting.map(({ metadata, spec }) => (
            <article key={metadata.name} class="war">
              <p>
                <b>{metadata.name}</b> {t.applies(spec.manager, `${spec.objectRef.kind} ${spec.objectRef.name}`)}
              </p>
              <p class="mono">{spec.conflicts.map(({ path, manager }) => `${path} (${manager})`).join(', ')}</p>
              <p class="soft">
                {spec.policy} · {t.until(spec.expirationTime)}
              </p>
            </article>
          ))}
        </section>
      )}
      {isNone && answer.unread === undefined && (
        <Notice icon="people" title={t.noPolicies}>
          <p>{t.noPoliciesBody}</p>
        </Notice>
      )}
      {!isNone && (
        <table class="plain">
          <thead>
            <tr>
              <th scope="col" class="right">
                {t.priority}
              </th>
              <th scope="col">{t.policy}</th>
              <th scope="col">{t.decides}</th>
              <th scope="col">{t.about}</th>
              <th scope="col">{t.accepted}</th>
              <th scope="col">{t.decided}</th>
            </tr>
          </thead>
          <tbody>
            {policies.map(({ policy, problems }) => (
              <PolicyRow
                key={`${policy.kind} ${policy.metadata.namespace} ${policy.metadata.name}`}
                policy={policy}
                problems={problems}
              />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function PolicyRow({ policy, problems }: Answer['policies'][number]) {
  const { metadata, spec, status } = policy;
  const { match } = spec;
  const kind = kinds.value?.find((one) => one.kind === policy.kind && one.group === 'ownership.nekube.dev');
  const accepted = status?.conditions?.find(({ type }) => type === 'Accepted');
  const ours = [t.everyField, t.allNamespaces];
  const about = [
    (match.resources ?? [])
      .map(({ group, kinds: names }) => names.map((name) => (group === '' ? name : `${name}.${group}`)).join(', '))
      .join(', '),
    match.fields?.join(', ') ?? t.everyField,
    policy.kind === 'FieldPolicy' ? (metadata.namespace ?? '') : (match.namespaces?.join(', ') ?? t.allNamespaces),
    match.managers === undefined ? '' : `${match.managers.join(', ')} →`,
    match.otherManagers === undefined ? '' : `→ ${match.otherManagers.map(({ name }) => name).join(', ')}`,
    spec.condition ?? '',
  ].filter((text) => text !== '');
  return (
    <tr>
      <td class="right">{spec.priority ?? 0}</td>
      <td translate={false}>
        {kind ? <a href={href(objectHref(kind, metadata.name, metadata.namespace))}>{metadata.name}</a> : metadata.name}
      </td>
      <td>
        <b translate={false}>{spec.decision}</b>
      </td>
      <td class="mono">
        {about.map((text) => (
          // what is not ours is as the policy has it
          <div key={text} {...(!ours.includes(text) && { translate: false })}>
            {text}
          </div>
        ))}
      </td>
      <td>
        {problems.length > 0 ? (
          <span class="level bad">
            {t.problems}{' '}
            <span lang="en" translate={false}>
              {problems.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('; ')}
            </span>
          </span>
        ) : (
          <span
            lang="en"
            translate={false}
            class={`level ${accepted?.status === 'False' ? 'bad' : accepted?.status === 'True' ? 'good' : 'none'}`}
          >
            {accepted?.message || accepted?.status || '—'}
          </span>
        )}
      </td>
      <td>
        {(status?.decisions ?? []).map(({ decision, count, lastTime }) => (
          <div key={decision} class="nowrap">
            {t.decidedTimes(decision, count)}{' '}
            <span class="soft">
              <Age ms={Date.parse(lastTime)} />
            </span>
          </div>
        ))}
      </td>
    </tr>
  );
}

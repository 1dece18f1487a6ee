import type { KubeObject } from 'nekube/apimachinery';
import { useState } from 'preact/hooks';
import { type Kind, listHref } from '../api/kinds.ts';
import { href } from '../app/router.ts';
import { Age } from '../ui/age-text.tsx';
import { conditionsOf, summaryOf } from './summary.ts';
import { detailTexts as t } from './texts.ts';

/** Where it is, what it is called, and how it is doing; for the top bar. */
export function Place(props: {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly object: KubeObject | undefined;
  readonly isGone: boolean;
}) {
  const { kind, namespace, name, object, isGone } = props;
  return (
    <div class="place">
      <a class="soft" href={href(listHref(kind, namespace))} translate={false}>
        {kind.kind}
      </a>
      {kind.namespaced && namespace !== undefined && (
        <>
          <span class="soft" aria-hidden="true">
            /
          </span>
          <a class="soft" href={href(`/r/core/v1/namespaces/${encodeURIComponent(namespace)}`)} translate={false}>
            {namespace}
          </a>
        </>
      )}
      <span class="soft" aria-hidden="true">
        /
      </span>
      <h1 translate={false}>{name}</h1>
      {object && <State object={object} isGone={isGone} />}
    </div>
  );
}

function State({ object, isGone }: { readonly object: KubeObject; readonly isGone: boolean }) {
  const { level, state } = summaryOf(object, Date.now());
  const states = {
    Current: t.stateCurrent,
    InProgress: t.stateInProgress,
    Failed: t.stateFailed,
    Terminating: t.stateTerminating,
    NotFound: t.stateNotFound,
  };
  return <span class={`level ${isGone ? 'bad' : level}`}>{isGone ? t.stateNotFound : states[state]}</span>;
}

/** What else is to be known of it at a glance, in a line. */
export function Facts(props: {
  readonly object: KubeObject;
  readonly kind: Kind;
  readonly isGone: boolean;
  /** What is shown is how it is now. */
  readonly isLive: boolean;
}) {
  const { object, kind, isGone, isLive } = props;
  const { namespace, creationTimestamp, labels = {} } = object.metadata;
  const { state, message } = summaryOf(object, Date.now());
  const wrong = conditionsOf(object).filter(({ bad }) => bad);
  return (
    <div class="facts soft">
      {isLive && <span class="live-dot">{t.live}</span>}
      {creationTimestamp && (
        <span title={t.created(creationTimestamp)}>
          {t.age} <Age ms={Date.parse(creationTimestamp)} />
        </span>
      )}
      {state !== 'Current' && !isGone && <span translate={false}>{message}</span>}
      {wrong.length > 0 && (
        <span
          class="level bad"
          title={wrong.map((one) => `${one.type}: ${one.message}`).join('\n')}
          translate={wrong.length > 1}
        >
          {wrong.length === 1 ? `${wrong[0]!.type}=${wrong[0]!.status}` : t.wrong(wrong.length)}
        </span>
      )}
      <Labels labels={labels} kind={kind} namespace={namespace} />
    </div>
  );
}

const SHOWN = 5;

/** Labels lead to the list of what has the same one. */
function Labels(props: {
  readonly labels: Readonly<Record<string, string>>;
  readonly kind: Kind;
  readonly namespace: string | undefined;
}) {
  const [isAll, setAll] = useState(false);
  const all = Object.entries(props.labels);
  const shown = isAll ? all : all.slice(0, SHOWN);
  if (all.length === 0) return null;
  return (
    <span class="labels">
      {shown.map(([name, value]) => (
        <a
          key={name}
          class="label"
          translate={false}
          href={href(`${listHref(props.kind, props.namespace)}?filter=${encodeURIComponent(`label:${name}=${value}`)}`)}
        >
          {value === '' ? name : `${name}=${value}`}
        </a>
      ))}
      {shown.length < all.length && (
        <button type="button" class="quiet small" onClick={() => setAll(true)}>
          {t.more(all.length - shown.length)}
        </button>
      )}
    </span>
  );
}

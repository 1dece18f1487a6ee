import { useMemo } from 'preact/hooks';
import { kinds } from '../api/discovery.ts';
import { apiVersionOf, type Kind, objectHref } from '../api/kinds.ts';
import { href, navigate, queryValue, setQuery } from '../app/router.ts';
import { useTopBar } from '../app/top-bar.tsx';
import { EditSession } from './edit-session.ts';
import { EditView } from './edit-tab.tsx';
import { newText } from './edit-text.ts';
import { editTexts as t } from './texts.ts';
import { readText } from './yaml-check.ts';

/** A new object: `/create?kind=apps/v1/deployments&namespace=shop`. */
export default function CreateView() {
  const asked = queryValue('kind') ?? 'core/v1/configmaps';
  const namespace = queryValue('namespace') ?? 'default';
  const all = kinds.value;
  if (all === undefined) return <div class="pending" />;
  const kind =
    all.find(({ path }) => path === asked) ?? all.find(({ path }) => path === 'core/v1/configmaps') ?? all[0]!;
  return <Create key={`${kind.path} ${namespace}`} kind={kind} namespace={namespace} all={all} />;
}

function Create({
  kind,
  namespace,
  all,
}: {
  readonly kind: Kind;
  readonly namespace: string;
  readonly all: readonly Kind[];
}) {
  const apiVersion = apiVersionOf(kind);
  const session = useMemo(() => {
    const initial = newText(apiVersion, kind.kind, kind.namespaced ? namespace : undefined);
    return new EditSession(`/create ${kind.path} ${namespace}`, undefined, initial);
  }, []);
  useTopBar(<h1>{t.createTitle(kind.kind)}</h1>, t.createTitle(kind.kind));
  const open = (): void => {
    const read = readText(session.text.peek()!);
    if ('problem' in read) return;
    const made = all.find((one) => one.kind === read.object.kind && apiVersionOf(one) === read.object.apiVersion);
    const { name = '', namespace: within } = read.object.metadata;
    if (made) navigate(href(objectHref(made, name, within)));
  };
  return (
    <div class="detail">
      <div class="tools">
        <label class="inline">
          <span class="soft">{t.createKind}</span>
          <select value={kind.path} onChange={(event) => setQuery({ kind: event.currentTarget.value })}>
            {all
              .filter(({ verbs }) => verbs.includes('create') && verbs.includes('patch'))
              .map(({ path, kind: name, group }) => (
                <option key={path} value={path}>
                  {group === '' ? name : `${name} (${group})`}
                </option>
              ))}
          </select>
        </label>
      </div>
      <EditView
        session={session}
        object={{ apiVersion, kind: kind.kind, metadata: { name: '' } }}
        newer={undefined}
        onDone={open}
        onLeave={() => history.back()}
      />
    </div>
  );
}

import type { KubeObject } from 'nekube/apimachinery';
import { useEffect, useState } from 'preact/hooks';
import { type Kind, objectHref } from '../api/kinds.ts';
import { href } from '../app/router.ts';
import { Notice } from '../ui/notice.tsx';
import { type Found, findRelated, type Related } from './related.ts';
import { detailTexts as t } from './texts.ts';

export function RelatedTab({ object, kind }: { readonly object: KubeObject; readonly kind: Kind }) {
  const [found, setFound] = useState<Found>();
  const [failure, setFailure] = useState<Error>();
  const { uid, resourceVersion } = object.metadata;
  useEffect(() => {
    const abort = new AbortController();
    findRelated(object, kind, abort.signal).then(
      (now) => {
        setFound(now);
        setFailure(undefined);
      },
      (error: Error) => {
        if (!abort.signal.aborted) setFailure(error);
      },
    );
    return () => abort.abort();
  }, [uid, resourceVersion]);
  if (failure !== undefined && found === undefined)
    return (
      <Notice icon="warning" title={t.failedRead} role="alert">
        <p translate={false}>{failure.message}</p>
      </Notice>
    );
  if (found === undefined) return <div class="pending" />;
  const groups = [
    [t.namedHere, found.named],
    [t.selects, found.selected],
    [t.usedBy, found.users],
    [t.selectedBy, found.selectors],
  ] as const;
  const isNothing = groups.every(([, list]) => list.length === 0);
  return (
    <div class="pane">
      {found.refused.length > 0 && <p class="banner warn">{t.mayNotRead(found.refused.join(', '))}</p>}
      {isNothing && (
        <Notice title={t.nothingRelated}>
          <p>{t.nothingRelatedBody}</p>
        </Notice>
      )}
      <div class="related">
        {groups.map(
          ([title, list]) =>
            list.length > 0 && (
              <section key={title}>
                <h2>{title}</h2>
                <RelatedList list={list} />
              </section>
            ),
        )}
      </div>
    </div>
  );
}

function RelatedList({ list }: { readonly list: readonly Related[] }) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? list : list.slice(0, 50);
  return (
    <>
      <table class="plain">
        <tbody>
          {shown.map((one) => (
            <tr key={`${one.kindName}/${one.namespace}/${one.name}`}>
              <td class="soft nowrap" translate={false}>
                {one.kindName}
              </td>
              <td class="nowrap">
                {one.kind && one.isThere !== false ? (
                  <a href={href(objectHref(one.kind, one.name, one.namespace || undefined))} translate={false}>
                    {one.name}
                  </a>
                ) : (
                  <span class="missing">
                    <span translate={false}>{one.name}</span> <em>{one.kind ? t.missing : t.unknownKind}</em>
                  </span>
                )}
              </td>
              <td class="soft mono" translate={false}>
                {one.why.join(', ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < list.length && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          {t.manyMore(list.length - shown.length)}
        </button>
      )}
    </>
  );
}

import type { KubeObject } from 'nekube/apimachinery';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Kind, objectHref } from '../api/kinds.ts';
import { href } from '../app/router.ts';
import { useLeave } from '../ui/leave.ts';
import { Notice } from '../ui/notice.tsx';
import { type Found, findMentions, findRelated, type Mentions, mentioningKinds, type Related } from './related.ts';
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
      <MentionsPart key={uid} object={object} kind={kind} />
    </div>
  );
}

/** What custom objects mention it, for who asks: that is a request a kind, and a guess. */
function MentionsPart({ object, kind }: { readonly object: KubeObject; readonly kind: Kind }) {
  const abort = useRef<AbortController>(undefined);
  const [asked, setAsked] = useState<'not' | 'reading' | Mentions | Error>('not');
  useLeave(() => abort.current?.abort());
  const kinds = mentioningKinds(kind);
  if (kinds.length === 0) return null;
  const look = (): void => {
    // struck twice before it was drawn that it reads
    if (abort.current !== undefined) return;
    abort.current = new AbortController();
    setAsked('reading');
    findMentions(object, kind, abort.current.signal).then(setAsked, (error: Error) => {
      // of the other kinds nothing is wanted any more
      abort.current?.abort();
      abort.current = undefined;
      setAsked(error);
    });
  };
  return (
    <section class="related mentions">
      <h2>{t.mentionedBy}</h2>
      <p class="soft">{t.mentionsBody}</p>
      {asked instanceof Error && (
        <p class="banner bad" role="alert" translate={false}>
          {asked.message}
        </p>
      )}
      {(asked === 'not' || asked instanceof Error) && (
        <button type="button" onClick={look}>
          {t.lookForMentions(kinds.length)}
        </button>
      )}
      {asked === 'reading' && <div class="pending" role="status" />}
      {typeof asked === 'object' && !(asked instanceof Error) && <Mentioned {...asked} />}
    </section>
  );
}

function Mentioned({ found, refused, cut }: Mentions) {
  return (
    <>
      {refused.length > 0 && <p class="banner warn">{t.mayNotRead(refused.join(', '))}</p>}
      {cut.length > 0 && <p class="banner warn">{t.mentionsCut(cut.join(', '))}</p>}
      {found.length === 0 ? <p role="status">{t.noMentions}</p> : <RelatedList list={found} />}
    </>
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

import { type Kind, listHref } from '../api/kinds.ts';
import { clockTime } from '../app/time-control.tsx';
import { href } from '../app/router.ts';
import { goTo, moment } from '../app/time.ts';
import { Notice } from '../ui/notice.tsx';
import { resourceTexts as t } from './texts.ts';

/** Why a list shows nothing: by its filter, or because there is nothing, now or at the moment that is shown. */
export function EmptyList(props: {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  /** There are objects, and the filter shows none of them. */
  readonly filtered: boolean;
  readonly clearFilter: () => void;
}) {
  const { kind, namespace } = props;
  if (props.filtered)
    return (
      <Notice icon="search" title={t.nothingMatches}>
        <button type="button" onClick={props.clearFilter}>
          {t.clearFilter}
        </button>
      </Notice>
    );
  const when = moment.value;
  const isPast = when.state === 'at';
  const title = isPast
    ? namespace
      ? t.wasNoneIn(kind.kind, namespace)
      : t.wasNone(kind.kind)
    : namespace
      ? t.noneIn(kind.kind, namespace)
      : t.none(kind.kind);
  const time = isPast && when.timeMs !== undefined ? clockTime(when.timeMs) : undefined;
  return (
    <Notice icon={isPast ? 'clock' : 'cube'} title={title}>
      <p>{isPast ? t.wasNoneBody(time, when.revision) : t.noneBody}</p>
      <div class="buttons">
        {isPast && (
          <button type="button" class="primary" onClick={() => goTo(undefined)}>
            {t.showNow}
          </button>
        )}
        {namespace && (
          <a class="button" href={href(listHref(kind))}>
            {t.inAllNamespaces}
          </a>
        )}
      </div>
    </Notice>
  );
}

import type { ComponentChildren } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { Signal } from '@preact/signals';
import type { SiteSource } from 'nekube/kep';
import { href, pathname, queryValue, setQuery, url } from '../app/router.ts';
import { useTopBar } from '../app/top-bar.tsx';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import { ageOf } from '../ui/time.ts';
import { dayIn } from './address.ts';
import { pathAt, read, type Read } from './keps.ts';
import { kepTexts as t } from './texts.ts';

/** The day as of which all is shown; undefined: now. */
export function shownDay(): string | undefined {
  return dayIn(url.value.searchParams.get('asof'));
}

/** An address of this section, of the same day. */
export function kepHref(path: string): string {
  const day = shownDay();
  return href(day === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}asof=${day}`);
}

/** An answer of the server for the day that is shown. Read when the view is opened, and when it becomes another. */
export function useRead<T>(path: string): readonly [Read<T>, again: () => void] {
  const asked = pathAt(path, shownDay());
  const answer = useMemo((): Signal<Read<T>> => read<T>(asked), [asked]);
  return [answer.value, () => void read<T>(asked)];
}

/** The top bar of every view of the section: where one is in it, and as of which day. */
export function useKepBar(title: ComponentChildren, documentTitle: string): void {
  useTopBar(
    <>
      {title}
      <Views />
      <AsOf />
    </>,
    documentTitle,
  );
}

function Views() {
  const views = [
    ['/keps', t.list],
    ['/keps/graph', t.graph],
    ['/keps/gates', t.gates],
    ['/keps/changes', t.changes],
  ] as const;
  return (
    <nav class="kep-views" aria-label={t.viewsOf}>
      {views.map(([path, title]) => (
        <a key={path} href={kepHref(path)} aria-current={pathname.value === path ? 'page' : undefined}>
          {title}
        </a>
      ))}
    </nav>
  );
}

function AsOf() {
  const day = shownDay();
  return (
    <label class={day === undefined ? 'kep-as-of' : 'kep-as-of past'}>
      <span class="soft">{t.asOf}</span>
      <input
        type="date"
        value={day ?? ''}
        min="2017-01-01"
        max={new Date().toISOString().slice(0, 10)}
        onChange={(event) => setQuery({ asof: dayIn(event.currentTarget.value) })}
      />
    </label>
  );
}

/** Says that a view shows the past, or that it does not although the time control does. */
export function DayBanner({ source }: { readonly source?: SiteSource }) {
  const day = shownDay();
  if (day !== undefined)
    return (
      <div class="banner past" role="status">
        <Icon name="clock" />
        <strong>{t.asOfDay(day)}</strong>
        {source?.isPartial && <span>{t.asOfNote}</span>}
        <button type="button" onClick={() => setQuery({ asof: undefined })}>
          {t.backToNow}
        </button>
      </div>
    );
  return queryValue('at') === undefined ? null : (
    <p class="banner warn" role="status">
      {t.atHint}
    </p>
  );
}

/** Says that KEPs may be missing, since a sync is under way or was cut off. */
export function UnfinishedBanner({ source: { unfinished = [] } }: { readonly source: SiteSource }) {
  return (
    <>
      {unfinished.map(({ source, keps, begun, renewed, isUnderWay }) => (
        <p key={source} class="banner warn" role="status">
          {isUnderWay
            ? t.underWay(source, keps, ageOf(Date.parse(begun)))
            : t.cutOff(source, keps, ageOf(Date.parse(renewed)))}
        </p>
      ))}
    </>
  );
}

/** What stands in place of a view whose data is not there. */
export function Absent({ read: now, again }: { readonly read: Read<unknown>; readonly again: () => void }) {
  if (now.state === 'none') return <NoKeps />;
  if (now.state !== 'failed') return <div class="pending" role="status" aria-label={t.reading} />;
  return (
    <Notice icon={now.code === 403 ? 'lock' : 'warning'} title={now.code === 403 ? t.forbidden : t.failed} role="alert">
      <p translate={false}>{now.message}</p>
      <button type="button" onClick={again}>
        {t.again}
      </button>
    </Notice>
  );
}

/** No Keps on this server, and how they come to it. */
export function NoKeps() {
  return (
    <Notice icon="book" title={t.emptyTitle}>
      <p>{t.emptyBody}</p>
      <pre translate={false} tabIndex={0}>
        nekube kep sync --from https://github.com/kubernetes/enhancements
      </pre>
    </Notice>
  );
}

/** Looks again when one comes back to the tab: somebody may have synced meanwhile. */
export function useReadOnReturn(again: () => void): void {
  useEffect(() => {
    const look = (): void => {
      if (!document.hidden) again();
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  });
}

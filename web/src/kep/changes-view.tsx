import { computed, useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import type { SiteChanges, SiteIndex } from 'nekube/kep';
import { language } from '../i18n/language.ts';
import { useKeys } from '../app/keyboard.ts';
import type { Key } from '../app/registry.ts';
import { navigate, setQuery, url } from '../app/router.ts';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import { RowCursor } from '../ui/row-cursor.ts';
import { kepPath, term } from './address.ts';
import { cursorKeys } from './cursor-keys.ts';
import { Absent, DayBanner, kepHref, NoKeps, shownDay, useKepBar, useRead } from './frame.tsx';
import { pathAt } from './keps.ts';
import { Changes, fieldTitle, KepLink, Source, ValueLink } from './parts.tsx';
import { kepTexts as t } from './texts.ts';

type Change = SiteChanges['changes'][number];

const FIELDS = ['kep', 'status', 'stage', 'latest-milestone', 'title', 'owning-sig'] as const;

/** What changed in all KEPs, or those of a SIG, the newest first. */
export default function ChangesView() {
  const sig = url.value.searchParams.get('sig') ?? '';
  const query = new URLSearchParams({ limit: '400', ...(sig !== '' && { filter: term('sig', sig) }) });
  const [changes, again] = useRead<SiteChanges>(`changes?${query}`);
  const [index] = useRead<SiteIndex>('index');
  useKepBar(<h1>{t.keps}</h1>, `${t.keps}: ${t.changes}`);
  if (changes.state !== 'ready') return <Absent read={changes} again={again} />;
  const rows = index.state === 'ready' ? index.data.keps : [];
  if (index.state === 'ready' && rows.length === 0 && shownDay() === undefined) return <NoKeps />;
  return (
    <Feed
      changes={changes.data.changes}
      source={changes.data.source}
      sigs={[...new Set(rows.map(({ owningSig }) => owningSig))].sort()}
      sig={sig}
    />
  );
}

function Feed(props: {
  readonly changes: readonly Change[];
  readonly source: SiteChanges['source'];
  readonly sigs: readonly string[];
  readonly sig: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const at = useSignal<string | undefined>(undefined);
  const cursor = useMemo(() => {
    const rows = computed(() => {
      const field = wantedField(url.value);
      if (field === undefined) return props.changes;
      return props.changes.filter(({ changes }) => changes.some((one) => one.field === field));
    });
    return new RowCursor(rows, ({ commit, kep }) => `${commit} ${kep.name}`, at);
  }, [props.changes]);
  const shown = cursor.rows.value;
  const keys = useMemo((): readonly Key[] => {
    const focus = (): void => {
      place.current?.focus({ preventScroll: true });
      place.current?.querySelectorAll('li.entry')[cursor.index.peek()]?.scrollIntoView({ block: 'nearest' });
    };
    return cursorKeys(cursor, { page: () => 8, focus }, ({ kep }) => navigate(kepHref(kepPath(kep.name))));
  }, [cursor]);
  useKeys(keys);
  const current = shown[cursor.index.value];
  return (
    <section class="list kep-feed" aria-label={t.changes}>
      <DayBanner source={props.source} />
      <FeedBar sigs={props.sigs} sig={props.sig} count={shown.length} />
      {shown.length === 0 ? (
        <Notice icon="search" title={t.noChanges} />
      ) : (
        <div class="kep-scroll" ref={place} tabIndex={0} role="region" aria-label={t.changes}>
          {daysOf(shown).map(([day, entries]) => (
            <section key={day} class="kep-day">
              <h2>
                <time dateTime={day}>{dayTitle(day)}</time>
              </h2>
              <ul>
                {entries.map((entry) => (
                  <Entry key={`${entry.commit} ${entry.kep.name}`} entry={entry} isCurrent={entry === current} />
                ))}
              </ul>
            </section>
          ))}
        </div>
      )}
    </section>
  );
}

/** Of whom and of what changes are shown, and where they can be followed. */
function FeedBar(props: { readonly sigs: readonly string[]; readonly sig: string; readonly count: number }) {
  const { sigs, sig, count } = props;
  const feed = (kind: string): string =>
    `/console/kep/${pathAt(sig === '' ? kind : `${kind}?filter=${encodeURIComponent(term('sig', sig))}`, shownDay())}`;
  return (
    <div class="tool-bar">
      <select
        aria-label={t.fieldSig}
        value={sig}
        onChange={(event) => setQuery({ sig: event.currentTarget.value || undefined })}
      >
        <option value="">{t.anySig}</option>
        {[...new Set([...sigs, ...(sig === '' ? [] : [sig])])].map((one) => (
          <option key={one} value={one} translate={false}>
            {one}
          </option>
        ))}
      </select>
      <select
        aria-label={t.changes}
        value={wantedField(url.value) ?? ''}
        onChange={(event) => setQuery({ field: event.currentTarget.value || undefined })}
      >
        <option value="">{t.anyField}</option>
        {FIELDS.map((one) => (
          <option key={one} value={one}>
            {fieldTitle(one)}
          </option>
        ))}
      </select>
      <span class="count" role="status">
        {t.changesCount(count)}
      </span>
      <span class="kep-feeds" role="group" aria-label={t.feeds}>
        <Icon name="link" />
        <a href={feed('changes.atom')} type="application/atom+xml" translate={false}>
          {t.atom}
        </a>
        <a href={feed('changes.json')} type="application/feed+json" translate={false}>
          {t.jsonFeed}
        </a>
      </span>
    </div>
  );
}

function Entry({ entry, isCurrent }: { readonly entry: Change; readonly isCurrent: boolean }) {
  return (
    <li class={isCurrent ? 'entry cursor' : 'entry'}>
      <span class="what">
        <KepLink kep={entry.kep} />
        <ValueLink field="sig" value={entry.kep.owningSig} />
      </span>
      <Changes changes={entry.changes} />
      <Source entry={entry} />
    </li>
  );
}

/** The field whose changes the address asks for; undefined: all. */
function wantedField({ searchParams }: URL): (typeof FIELDS)[number] | undefined {
  return FIELDS.find((one) => one === searchParams.get('field'));
}

function daysOf(changes: readonly Change[]): readonly (readonly [string, readonly Change[]])[] {
  const days = new Map<string, Change[]>();
  for (const change of changes) {
    const day = change.time.slice(0, 10);
    days.set(day, [...(days.get(day) ?? []), change]);
  }
  return [...days];
}

function dayTitle(day: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: 'full', timeZone: 'UTC' }).format(Date.parse(day));
}

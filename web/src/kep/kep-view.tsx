import { signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Heading, KepPage } from 'nekube/kep';
import { useKeys } from '../app/keyboard.ts';
import type { Key, ViewProps } from '../app/registry.ts';
import { navigate } from '../app/router.ts';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import { listPath, term } from './address.ts';
import { Absent, DayBanner, kepHref, shownDay, useKepBar, useRead } from './frame.tsx';
import { Facts, FindingsOf, GatesOf, People } from './kep-facts.tsx';
import { Graduation } from './graduation.tsx';
import { Neighbours } from './neighbours.tsx';
import { labelOf, StageMark, StatusMark, staleText } from './parts.tsx';
import { Readme } from './readme.tsx';
import { kepTexts as t } from './texts.ts';
import { Timeline } from './timeline.tsx';

/** One KEP: its text, and all that is known of it. */
export default function KepView({ params }: ViewProps) {
  const name = params['name']!;
  const [page, again] = useRead<KepPage>(`page/${encodeURIComponent(name)}`);
  const data = page.state === 'ready' ? page.data : undefined;
  const label = data === undefined ? name : labelOf(data.kep);
  useKepBar(
    <h1 class="kep-place">
      <a href={kepHref('/keps')}>{t.keps}</a>
      <Icon name="chevron" />
      <span translate={false}>{label}</span>
    </h1>,
    data === undefined ? name : `${label} ${data.kep.title}`,
  );
  useKeys(
    useMemo(
      (): readonly Key[] => [{ keys: 'Escape', title: () => t.keyBack, run: () => navigate(kepHref('/keps')) }],
      [],
    ),
  );
  if (data !== undefined) return <Page key={`${name} ${shownDay() ?? ''}`} data={data} />;
  if (page.state !== 'none') return <Absent read={page} again={again} />;
  return (
    <>
      <DayBanner />
      <Notice icon="warning" title={t.notFound(name)}>
        {shownDay() !== undefined && <p>{t.notFoundAt}</p>}
        <a class="button" href={kepHref('/keps')}>
          {t.toList}
        </a>
      </Notice>
    </>
  );
}

function Page({ data }: { readonly data: KepPage }) {
  const { kep, source } = data;
  const scroller = useRef<HTMLDivElement>(null);
  const commit = source.commit?.slice(0, 8);
  return (
    <div class="kep-page" ref={scroller} tabIndex={0} role="region" aria-label={kep.title || kep.name}>
      <DayBanner source={source} />
      <header class="kep-head">
        <h2 translate={false} lang="en">
          {kep.title || kep.name}
        </h2>
        <p class="kep-marks">
          <a class="kep-value" href={kepHref(listPath(term('sig', kep.owningSig)))} translate={false}>
            {kep.owningSig}
          </a>
          <StatusMark status={kep.status} written={kep.written} />
          <StageMark stage={kep.stage} written={kep.written} />
          {kep.latestMilestone && (
            <a class="kep-value" href={kepHref(listPath(term('milestone', kep.latestMilestone)))} translate={false}>
              {kep.latestMilestone}
            </a>
          )}
          {kep.stale && (
            <span class="kep-stale" title={staleText(kep.stale)}>
              <Icon name="clock" />
              {t.stale}
            </span>
          )}
          <span class="spring" />
          {data.discussionUrl && (
            <a class="button" href={data.discussionUrl} rel="noopener noreferrer">
              {t.discussion}
            </a>
          )}
          <a class="button" href={data.folderUrl} rel="noopener noreferrer">
            {t.files}
          </a>
        </p>
        <Graduation kep={kep} current={source.currentMilestone} />
      </header>
      <div class="kep-body">
        <Contents headings={data.headings} />
        <article class="kep-text">
          {data.html === '' ? <p class="soft">{t.noText}</p> : <Readme html={data.html} />}
          <footer class="soft">
            {data.html !== '' && commit && (
              <p>
                <a href={data.readmeUrl ?? data.folderUrl} rel="noopener noreferrer">
                  {source.isPartial ? t.textOfNow(commit) : t.textOf(commit)}
                </a>
              </p>
            )}
            {harmful(data.dropped) !== '' && (
              <p>
                {t.dropped} <span translate={false}>{harmful(data.dropped)}</span>
              </p>
            )}
          </footer>
        </article>
        <aside class="kep-aside" aria-label={t.facts}>
          <Timeline entries={data.timeline} />
          <Neighbours kep={kep} related={data.related} />
          <GatesOf gates={data.gates} kep={kep} />
          <People kep={kep} />
          <Facts kep={kep} />
          <FindingsOf findings={data.findings} folderUrl={data.folderUrl} />
        </aside>
      </div>
    </div>
  );
}

/** What was left out, but names in angle brackets, which are no elements. */
function harmful(dropped: KepPage['dropped']): string {
  return Object.entries(dropped)
    .filter(([kind]) => kind !== 'element')
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ');
}

/** There is room for the contents beside the text (the same in the styles); else they are folded above it. */
const wide = matchMedia('(min-width: 1421px)');
const isBeside = signal(wide.matches);
wide.addEventListener('change', () => {
  isBeside.value = wide.matches;
});

/** So deep are headings listed. */
const DEEPEST = 3;

function Contents({ headings }: { readonly headings: readonly Heading[] }) {
  const shown = headings.filter(
    ({ level, text }) => level > 1 && level <= DEEPEST && text !== '' && !/^table of contents$/i.test(text),
  );
  const list = useRef<HTMLElement>(null);
  // what is read now is marked
  useEffect(() => {
    const targets = shown.flatMap(({ id }) => document.querySelector(`.readme [id="${CSS.escape(id)}"]`) ?? []);
    const observer = new IntersectionObserver(
      (entries) => {
        const now = entries.find((entry) => entry.isIntersecting)?.target.id;
        if (now === undefined) return;
        for (const link of list.current?.querySelectorAll('a') ?? [])
          link.toggleAttribute('data-here', link.hash === `#${encodeURIComponent(now)}` || link.hash === `#${now}`);
      },
      { rootMargin: '0px 0px -75% 0px' },
    );
    for (const target of targets) observer.observe(target);
    return () => observer.disconnect();
  }, [headings]);
  if (shown.length < 2) return <div class="kep-contents" />;
  return (
    <nav class="kep-contents" aria-label={t.contents} ref={list}>
      <details open={isBeside.value}>
        <summary>{t.contents}</summary>
        <ul>
          {shown.map(({ id, level, text }, i) => (
            <li key={i} class={`level-${level}`}>
              <a href={`#${id}`} translate={false} lang="en">
                {text}
              </a>
            </li>
          ))}
        </ul>
      </details>
    </nav>
  );
}

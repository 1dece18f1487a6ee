import type { KubeObject } from 'nekube/apimachinery';
import type { ComponentType } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { kindAt, kinds } from '../api/discovery.ts';
import { type Kind, listHref } from '../api/kinds.ts';
import { useKeys } from '../app/keyboard.ts';
import type { Key, ViewProps } from '../app/registry.ts';
import { href, navigate, pathname, queryValue, setQuery } from '../app/router.ts';
import { moment, shownRevision } from '../app/time.ts';
import { useTopBar } from '../app/top-bar.tsx';
import { hasDraft } from '../edit/drafts.ts';
import { NoSuchState } from '../resources/list-notice.tsx';
import { useLeave } from '../ui/leave.ts';
import { Notice } from '../ui/notice.tsx';
import { ageOf } from '../ui/time.ts';
import { Actions } from './actions.tsx';
import { ConditionsTab } from './conditions-tab.tsx';
import { EventsTab } from './events-tab.tsx';
import { FollowedObject, type Seen } from './followed-object.ts';
import { Facts, Place as PlaceTitle } from './header.tsx';
import { HistoryTab } from './history-tab.tsx';
import { RelatedTab } from './related-tab.tsx';
import { detailTexts as t } from './texts.ts';
import { TreeTab } from './tree-tab.tsx';
import { YamlTab } from './yaml-tab.tsx';

const TABS = ['yaml', 'blame', 'events', 'tree', 'related', 'conditions', 'history', 'edit'] as const;
type Tab = (typeof TABS)[number];

/** What a tab may need of what is looked at. */
export interface TabProps {
  readonly object: KubeObject;
  readonly kind: Kind;
  readonly past: boolean;
}

/** One object: what it is, how it is doing, and a view of it that the address names by `tab`. */
export default function DetailView({ params }: ViewProps) {
  const { group = '', version = '', resource = '', namespace, name = '' } = params;
  const kind = useKindSeen(group, version, resource);
  useTopBar(kind ? undefined : <h1 translate={false}>{name}</h1>, name);
  if (kinds.value === undefined || moment.value.state === 'finding') return <div class="pending" role="status" />;
  if (kind === undefined)
    return (
      <Notice icon="warning" title={t.noKind} role="alert">
        <p>{t.noKindBody(`${group}/${version}/${resource}`)}</p>
      </Notice>
    );
  if (moment.value.state === 'none') return <NoSuchState status={moment.value.status} />;
  const revision = shownRevision.value;
  const key = [kind.path, namespace, name, revision].join('\n');
  return <Detail key={key} kind={kind} namespace={namespace} name={name} revision={revision} />;
}

/** A kind that vanishes is known for as long as one of its objects is shown, whose last state stays in sight. */
function useKindSeen(group: string, version: string, resource: string): Kind | undefined {
  const seen = useRef<Kind>(undefined);
  const now = kindAt(group, version, resource);
  if (now !== undefined) seen.current = now;
  return seen.current?.path === `${group}/${version}/${resource}` ? seen.current : undefined;
}

interface Place {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly revision: string | undefined;
}

function Detail(place: Place) {
  const { kind, namespace, name } = place;
  const followed = useMemo(() => new FollowedObject(place), []);
  useLeave(() => followed.stop(), [followed]);
  const tab = chosenTab();
  const seen = followed.seen.value;
  const keys = useMemo(() => keysOf(kind, namespace), []);
  useKeys(keys);

  const object = 'object' in seen ? seen.object : undefined;
  const isGone = seen.state === 'gone';
  useTopBar(
    <PlaceTitle kind={kind} namespace={namespace} name={name} object={object} isGone={isGone} />,
    `${name} · ${kind.kind}`,
  );
  if (object === undefined) return <Absent seen={seen} kind={kind} name={name} again={() => followed.again()} />;
  const past = seen.state === 'here' && seen.past;
  return (
    <div class="detail">
      <div class="detail-head">
        <Facts object={object} kind={kind} isGone={isGone} isLive={seen.state === 'here' && !past} />
        {!past && !isGone && <Actions object={object} kind={kind} />}
      </div>
      <Banners seen={seen} object={object} />
      <Tabs tab={tab} object={object} />
      <div class="tab-panel" role="tabpanel" aria-label={titleOf(tab)} id="tab-panel">
        <TabOf tab={tab} object={object} kind={kind} past={past} />
      </div>
    </div>
  );
}

function TabOf({ tab, ...props }: TabProps & { readonly tab: Tab }) {
  switch (tab) {
    case 'yaml':
      return <YamlTab object={props.object} withBlame={false} />;
    case 'blame':
      return <YamlTab object={props.object} withBlame={true} />;
    case 'events':
      return <EventsTab object={props.object} />;
    case 'tree':
      return <TreeTab {...props} />;
    case 'related':
      return <RelatedTab {...props} />;
    case 'conditions':
      return <ConditionsTab object={props.object} />;
    case 'history':
      return <HistoryTab {...props} />;
    case 'edit':
      return <LazyEdit {...props} />;
  }
}

/** The editor is large, and most objects are only read. */
function LazyEdit(props: TabProps) {
  const [Edit, setEdit] = useState<ComponentType<TabProps>>();
  const [failure, setFailure] = useState<Error>();
  useEffect(() => {
    import('../edit/edit-tab.tsx').then((module) => setEdit(() => module.EditTab), setFailure);
  }, []);
  if (failure !== undefined)
    return (
      <Notice icon="warning" title={t.failedRead} role="alert">
        <p>{failure.message}</p>
      </Notice>
    );
  return Edit === undefined ? <div class="pending" /> : <Edit {...props} />;
}

function titleOf(tab: Tab): string {
  return {
    yaml: t.tabYaml,
    blame: t.tabBlame,
    events: t.tabEvents,
    tree: t.tabTree,
    related: t.tabRelated,
    conditions: t.tabConditions,
    history: t.tabHistory,
    edit: t.tabEdit,
  }[tab];
}

/** The tab that the address says, which may not be drawn yet. */
function chosenTab(): Tab {
  const asked = queryValue('tab');
  return TABS.find((one) => one === asked) ?? 'yaml';
}

function chooseTab(tab: Tab): void {
  setQuery({ tab: tab === 'yaml' ? undefined : tab });
}

function keysOf(kind: Kind, namespace: string | undefined): Key[] {
  return [
    { keys: 'b', title: () => t.toggleBlame, run: () => chooseTab(chosenTab() === 'blame' ? 'yaml' : 'blame') },
    { keys: 'e', title: () => t.edit, run: () => (queryValue('at') === undefined ? chooseTab('edit') : false) },
    ...TABS.slice(0, -1).map((tab, i) => ({
      keys: String(i + 1),
      title: () => t.openTab(titleOf(tab)),
      run: () => chooseTab(tab),
    })),
    {
      keys: 'Escape',
      title: () => t.back,
      run: () => {
        if (chosenTab() === 'edit') return chooseTab('yaml');
        navigate(href(listHref(kind, namespace)));
      },
    },
  ];
}

function Tabs({ tab, object }: { readonly tab: Tab; readonly object: KubeObject }) {
  const shown = TABS.filter((one) => one !== 'edit' || tab === 'edit' || hasDraft(pathname.value)).filter(
    (one) => one !== 'conditions' || hasConditions(object) || tab === 'conditions',
  );
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = shown[(shown.indexOf(chosenTab()) + by + shown.length) % shown.length]!;
    chooseTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={t.tabs} onKeyDown={onKeyDown}>
      {shown.map((one) => (
        <button
          key={one}
          type="button"
          id={`tab-${one}`}
          role="tab"
          aria-selected={one === tab}
          aria-controls="tab-panel"
          tabIndex={one === tab ? 0 : -1}
          onClick={() => chooseTab(one)}
        >
          {titleOf(one)}
        </button>
      ))}
    </div>
  );
}

function hasConditions(object: KubeObject): boolean {
  return Array.isArray((object as { status?: { conditions?: unknown } }).status?.conditions);
}

/** What is to be known about what one sees. */
function Banners({ seen, object }: { readonly seen: Seen; readonly object: KubeObject }) {
  const [uid] = useState(object.metadata.uid);
  const { deletionTimestamp, finalizers = [] } = object.metadata;
  if (seen.state === 'gone')
    return (
      <p class="banner bad" role="alert">
        {t.goneBanner}
      </p>
    );
  if (seen.state === 'failed')
    return (
      <p class="banner warn" role="alert">
        {t.oldBanner(seen.status.message ?? '')}
      </p>
    );
  if (seen.state === 'here' && seen.past) return <p class="banner warn">{t.pastBanner}</p>;
  return (
    <>
      {object.metadata.uid !== uid && (
        <p class="banner warn" role="alert">
          {t.remade}
        </p>
      )}
      {deletionTimestamp && (
        <p class="banner warn" role="alert">
          {t.deletingBanner(ageOf(Date.parse(deletionTimestamp)), finalizers.join(', '))}
        </p>
      )}
    </>
  );
}

function Absent(props: {
  readonly seen: Seen;
  readonly kind: Kind;
  readonly name: string;
  readonly again: () => void;
}) {
  const { seen, kind, name } = props;
  if (seen.state === 'loading') return <div class="pending" role="status" />;
  if (seen.state === 'gone')
    return (
      <Notice title={t.notFound(kind.kind, name)}>
        <p>{t.notFoundBody}</p>
      </Notice>
    );
  const status = seen.state === 'failed' ? seen.status : {};
  if (status.code === 410) return <NoSuchState status={status} />;
  return (
    <Notice icon="warning" title={status.code === 403 ? t.forbidden : t.failedRead} role="alert">
      <p translate={false}>{status.message}</p>
      <button type="button" onClick={props.again}>
        ↻
      </button>
    </Notice>
  );
}

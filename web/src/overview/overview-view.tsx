import { useMemo } from 'preact/hooks';
import { kinds } from '../api/discovery.ts';
import { type Kind, listHref, objectHref } from '../api/kinds.ts';
import { href } from '../app/router.ts';
import { moment, shownRevision } from '../app/time.ts';
import { useTopBar } from '../app/top-bar.tsx';
import { number } from '../i18n/number.ts';
import { cellOf, type Column } from '../resources/columns.ts';
import { groupKinds } from '../resources/groups.ts';
import { acquireList, releaseList } from '../resources/list-cache.ts';
import type { ListSource, TableList } from '../resources/table-list.ts';
import { resourceTexts } from '../resources/texts.ts';
import { Age } from '../ui/age-text.tsx';
import { Icon } from '../ui/icons.tsx';
import { useLeave } from '../ui/leave.ts';
import type { Change } from './recent.ts';
import { MOST_FOLLOWED, Survey } from './survey.ts';
import { overviewTexts as t } from './texts.ts';

/** What is in the cluster, what goes wrong in it, and what changed last. */
export default function OverviewView() {
  useTopBar(<h1>{t.overview}</h1>, t.overview);
  const known = kinds.value;
  const revision = shownRevision.value;
  const past = moment.value.state;
  if (!known || past === 'finding') return <div class="pending" role="status" aria-label={t.loading} />;
  if (past === 'none') return null;
  return <Cluster key={revision} kinds={known} revision={revision} />;
}

function Cluster({
  kinds: known,
  revision,
}: {
  readonly kinds: readonly Kind[];
  readonly revision: string | undefined;
}) {
  const survey = useMemo(() => new Survey(known, revision), [known, revision]);
  useLeave(() => survey.stop(), [survey]);
  const away = survey.away.value;
  return (
    <div class="overview">
      {away && (
        <div class="banner" role="status">
          {t.away} <span translate={false}>{away.message}</span>
        </div>
      )}
      <Warnings kind={known.find((kind) => kind.path === 'core/v1/events')} revision={revision} />
      <Conflicts survey={survey} kinds={known} />
      <Recently changes={survey.recent.value} counted={survey.counted.value} />
      <Counts survey={survey} kinds={known} />
    </div>
  );
}

/** How many warnings are shown; the list has all. */
const MOST_WARNINGS = 6;

function Warnings({ kind, revision }: { readonly kind: Kind | undefined; readonly revision: string | undefined }) {
  const source: ListSource | undefined = kind && {
    kind,
    fields: ['.involvedObject.kind', '.involvedObject.name', '.involvedObject.apiVersion'],
    selector: 'type=Warning',
    revision,
  };
  const list = useMemo(() => source && acquireList(source), [kind, revision]);
  useLeave(() => source && releaseList(source), [kind, revision]);
  if (!list || !kind) return null;
  void list.version.value;
  const columns = new Map(list.columns.value.map((column) => [column.id, column]));
  const rows = newestEvents(list);
  return (
    <section aria-labelledby="warnings">
      <h2 id="warnings">
        <a href={href(`${listHref(kind)}?filter=type=Warning`)}>{t.warnings}</a>
        <span class="soft">{number(list.rows.size)}</span>
      </h2>
      {rows.length === 0 ? (
        <p class="calm">
          <Icon name="check" /> {list.state.value.phase === 'loading' ? t.loading : t.noWarnings}
        </p>
      ) : (
        <ul class="entries">
          {rows.slice(0, MOST_WARNINGS).map((row) => (
            <li key={row.id}>
              <Cells row={row} columns={columns} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

type EventRow = ReturnType<TableList['rows']['rows']>[number];

function newestEvents(list: TableList): readonly EventRow[] {
  return [...list.rows.rows()].sort((a, b) => Number(b.resourceVersion) - Number(a.resourceVersion));
}

function Cells({ row, columns }: { readonly row: EventRow; readonly columns: ReadonlyMap<string, Column> }) {
  const cell = (id: string): string => {
    const column = columns.get(id);
    return column ? cellOf(row, column) : '';
  };
  const {
    '.involvedObject.kind': kind,
    '.involvedObject.name': name,
    '.involvedObject.apiVersion': version,
  } = row.fields!;
  const target = kinds.value?.find(
    (one) => one.kind === kind && (one.group ? `${one.group}/${one.version}` : one.version) === version,
  );
  const label = `${kind} ${name}`;
  return (
    <>
      <span class="tone busy" translate={false}>
        {cell('reason')}
      </span>
      <span translate={false} class="what">
        {target ? <a href={href(objectHref(target, name!, row.namespace || undefined))}>{label}</a> : label}
      </span>
      <span class="message soft" translate={false} title={cell('message')}>
        {cell('message')}
      </span>
      <Age ms={row.createdMs} />
    </>
  );
}

/** Applies that wait for a person, where the kind of those is served. */
function Conflicts({ survey, kinds: known }: { readonly survey: Survey; readonly kinds: readonly Kind[] }) {
  const kind = known.find((one) => one.kind === 'ApplyConflict');
  const count = kind ? (survey.counts.value.get(kind.path) ?? 0) : 0;
  if (!kind || count === 0) return null;
  return (
    <section>
      <h2>{t.conflicts}</h2>
      <p class="alarm">
        <Icon name="warning" />
        <a href={href(listHref(kind))}>{t.conflictsWait(count)}</a>
      </p>
    </section>
  );
}

function Recently({ changes, counted }: { readonly changes: readonly Change[]; readonly counted: readonly Kind[] }) {
  return (
    <section aria-labelledby="recently">
      <h2 id="recently">{t.recently}</h2>
      {counted.length > 0 && (
        <p class="soft">
          {t.onlyCounted(MOST_FOLLOWED)}{' '}
          {counted.map((kind, i) => (
            <span key={kind.path} translate={false}>
              {i > 0 && ', '}
              <a href={href(listHref(kind))}>{kind.kind}</a>
            </span>
          ))}
        </p>
      )}
      {changes.length === 0 && <p class="calm">{t.nothingChanged}</p>}
      <ul class="entries">
        {changes.map((change) => (
          <li key={change.id}>
            <span class="soft" translate={false}>
              {change.kind.kind}
            </span>
            <span class="what" translate={false}>
              <a href={href(objectHref(change.kind, change.name, change.namespace || undefined))}>{change.name}</a>
              {change.namespace && <span class="soft"> {change.namespace}</span>}
            </span>
            <span class="message soft">
              {t[change.what]}
              {change.manager && <span translate={false}> · {change.manager}</span>}
            </span>
            <Age ms={change.atMs} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Counts({ survey, kinds: known }: { readonly survey: Survey; readonly kinds: readonly Kind[] }) {
  const counts = survey.counts.value;
  const groups = groupKinds(known)
    .map(({ group, kinds }) => ({ group, kinds: kinds.filter((kind) => (counts.get(kind.path) ?? 0) > 0) }))
    .filter(({ kinds }) => kinds.length > 0);
  return (
    <section aria-labelledby="counts" aria-busy={!survey.complete.value}>
      <h2 id="counts">{t.objects}</h2>
      <div class="counts">
        {groups.map(({ group, kinds }) => (
          <div key={group.id}>
            <h3 translate={group.title !== undefined}>{group.title ? resourceTexts[group.title] : group.id}</h3>
            <ul>
              {kinds.map((kind) => (
                <li key={kind.path}>
                  <a href={href(listHref(kind))}>
                    <span translate={false}>{kind.kind}</span>
                    <span class="number">{number(counts.get(kind.path)!)}</span>
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </section>
  );
}

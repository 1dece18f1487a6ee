import { useState } from 'preact/hooks';
import { kinds } from '../api/discovery.ts';
import { href } from '../app/router.ts';
import { apiVersionOf } from '../api/kinds.ts';
import { showValue } from '../edit/plan-model.ts';
import { Age } from '../ui/age-text.tsx';
import { Notice } from '../ui/notice.tsx';
import {
  about,
  type FieldHistory,
  type HistoryLine,
  hrefOfObject,
  type ObjectName,
  timeOf,
  type War,
} from './history-lines.ts';
import { nameOf } from './matrix.ts';
import { type Chosen, Failure, queryOf, useAnswer } from './answer.tsx';
import { ownershipTexts as t } from './texts.ts';

/** So often is asked what happened. */
const EVERY_MS = 1500;

/** What happens to the fields of a kind's objects, and who fights. */
export function History({ chosen }: { readonly chosen: Chosen }) {
  const { answer, failure } = useAnswer<FieldHistory>(`/console/field-history?${queryOf(chosen)}`, EVERY_MS);
  if (answer === undefined)
    return failure === undefined ? <div class="pending" role="status" /> : <Failure status={failure} />;
  return <HistoryLines history={answer} withObject={true} />;
}

/** The lines of a history, and wars above them. */
export function HistoryLines({
  history,
  withObject,
}: {
  readonly history: FieldHistory;
  readonly withObject: boolean;
}) {
  const [wanted, setWanted] = useState('');
  const lines = about(history.lines, wanted);
  // that nothing has changed is not known before it is known what there was
  if (!history.synced) return <div class="pending" role="status" />;
  return (
    <div class="pane">
      {history.wars.length > 0 && (
        <section class="wars" aria-live="polite">
          <h2>{t.wars}</h2>
          {history.wars.map((war) => (
            <WarCard key={`${JSON.stringify(war.object)} ${war.path}`} war={war} withObject={withObject} />
          ))}
        </section>
      )}
      <div class="tools bare">
        <input
          type="search"
          placeholder={t.onlyField}
          aria-label={t.onlyField}
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
        <span class="soft live-dot">{t.watchedSince(history.since.replace('T', ' ').slice(0, 19))}</span>
      </div>
      {lines.length === 0 ? (
        <Notice title={t.quiet}>
          <p>{t.quietBody}</p>
        </Notice>
      ) : (
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">{t.when}</th>
              {withObject && <th scope="col">{t.object}</th>}
              <th scope="col">{t.path}</th>
              <th scope="col">{t.value}</th>
              <th scope="col">{t.by}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line, i) => (
              // lines have no names, and the newest comes first
              <Line key={lines.length - i} line={line} withObject={withObject} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function Line({ line, withObject }: { readonly line: HistoryLine; readonly withObject: boolean }) {
  const time = timeOf(line);
  if (line.type === 'gap')
    return (
      <tr>
        <td colSpan={withObject ? 5 : 4} class="soft">
          {line.to === undefined ? t.stillGap(line.from!) : t.gap(line.from!, line.to)}
        </td>
      </tr>
    );
  const isGone = line.type === 'deleted' || line.type === 'left';
  const who = whoText(line);
  return (
    <tr class={line.type === 'found' ? 'soft' : ''} title={line.type === 'found' ? t.foundHint : undefined}>
      <td class="soft nowrap" title={time}>
        {line.before !== undefined && '≤ '}
        {time && <Age ms={Date.parse(time)} />}
      </td>
      {withObject && <td translate={false}>{line.object && <ObjectLink object={line.object} />}</td>}
      <td class="mono" translate={false}>
        {line.path}
      </td>
      <td class="mono value">
        {isGone ? (
          <span class="level bad">{t.gone}</span>
        ) : line.type === 'owners' ? (
          t.ownersOnly
        ) : (
          <span translate={line.removed || line.hidden !== undefined}>{valueText(line)}</span>
        )}
      </td>
      <td>{who === '' ? isGone ? '' : t.unknown : <span translate={false}>{who}</span>}</td>
    </tr>
  );
}

/** Of what was there when watching began, it is those who own it. */
function whoText({ type, by = [], owners = [] }: HistoryLine): string {
  const who = by.length === 0 && type === 'found' ? owners : by;
  return who.map(nameOf).join(', ');
}

function valueText({
  removed,
  hidden,
  value,
}: {
  readonly removed?: boolean;
  readonly hidden?: string;
  readonly value?: unknown;
}): string {
  if (removed) return t.removed;
  if (hidden !== undefined) return t.hidden;
  const text = showValue(value as never);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

function ObjectLink({ object }: { readonly object: ObjectName }) {
  const kind = kinds.value?.find((one) => one.kind === object.kind && apiVersionOf(one) === object.apiVersion);
  const { name, namespace } = object.metadata;
  const text = namespace === undefined ? name : `${namespace}/${name}`;
  if (kind === undefined) return <>{text}</>;
  return <a href={href(`${hrefOfObject(object, kind.path)}?tab=history`)}>{text}</a>;
}

function WarCard({ war, withObject }: { readonly war: War; readonly withObject: boolean }) {
  const { replicaSetsCreated, podsCreated } = war.dependents;
  return (
    <article class="war">
      <p>
        <span class={`level ${war.type === 'war' ? 'bad' : 'none'}`}>
          {t.war(war.returns, war.sides.map(({ manager }) => manager).join(', '))}
        </span>{' '}
        {war.type === 'warEnded' && <em class="soft">{t.warEnded}</em>}
      </p>
      <p>
        {withObject && (
          <>
            <span translate={false}>
              {war.object.kind} <ObjectLink object={war.object} />
            </span>{' '}
          </>
        )}
        <code translate={false}>{war.path}</code>
      </p>
      <p class="soft">
        {war.sides.map((side) => t.wants(side.manager, valueText(side))).join(' · ')} · {t.warRate(war.writesPerHour)}
        {replicaSetsCreated + podsCreated > 0 && ` · ${t.warCost(replicaSetsCreated, podsCreated)}`}
      </p>
    </article>
  );
}

import { signal } from '@preact/signals';
import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { useMemo } from 'preact/hooks';
import { FollowedCollection } from '../api/followed-collection.ts';
import type { ApiStatus } from '../api/http.ts';
import { useLeave } from '../ui/leave.ts';
import { Notice } from '../ui/notice.tsx';
import { Age } from '../ui/age-text.tsx';
import { groupEvents } from './events.ts';
import { detailTexts as t } from './texts.ts';

/** The events about an object, as they come. */
class FollowedEvents {
  readonly events = signal<ReadonlyMap<string, JsonObject> | undefined>(undefined);
  readonly failure = signal<ApiStatus | undefined>(undefined);
  readonly #followed: FollowedCollection<List>;

  constructor({ metadata: { uid = '', namespace } }: KubeObject) {
    let found: JsonObject[] = [];
    this.#followed = new FollowedCollection<List>(
      {
        // events about what has no namespace are in default
        path: `/api/v1/namespaces/${encodeURIComponent(namespace ?? 'default')}/events`,
        query: { fieldSelector: `involvedObject.uid=${uid}` },
        isWatched: true,
      },
      {
        page: ({ items }, { isFirst, isLast }) => {
          found = isFirst ? [...items] : [...found, ...items];
          if (isLast) this.events.value = new Map(found.map((event) => [uidOf(event), event]));
        },
        events: (events) => {
          const next = new Map(this.events.peek());
          // what is forgotten by the server stays as long as it is looked at
          for (const { type, object } of events)
            if (type === 'ADDED' || type === 'MODIFIED') next.set(uidOf(object as JsonObject), object as JsonObject);
          this.events.value = next;
        },
        state: (state) => {
          if (state.phase !== 'loading') this.failure.value = 'status' in state ? state.status : undefined;
        },
      },
    );
  }

  stop(): void {
    this.#followed.stop();
  }
}

interface List {
  readonly items: readonly JsonObject[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

function uidOf(event: JsonObject): string {
  return String((event.metadata as JsonObject).uid);
}

export function EventsTab({ object }: { readonly object: KubeObject }) {
  const followed = useMemo(() => new FollowedEvents(object), [object.metadata.uid]);
  useLeave(() => followed.stop(), [followed]);
  const { value: events } = followed.events;
  const groups = useMemo(() => groupEvents([...(events?.values() ?? [])]), [events]);
  if (followed.failure.value !== undefined && events === undefined)
    return (
      <Notice icon="warning" title={t.failedRead} role="alert">
        <p translate={false}>{followed.failure.value.message}</p>
      </Notice>
    );
  if (events === undefined) return <div class="pending" />;
  if (groups.length === 0)
    return (
      <Notice title={t.noEvents}>
        <p>{t.noEventsBody}</p>
      </Notice>
    );
  return (
    <div class="pane">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">{t.last}</th>
            <th scope="col">{t.reason}</th>
            <th scope="col">{t.message}</th>
            <th scope="col">{t.source}</th>
            <th scope="col" class="right">
              {t.count}
            </th>
            <th scope="col">{t.first}</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr key={group.key}>
              <td class="soft nowrap" title={group.last}>
                <Age ms={Date.parse(group.last)} />
              </td>
              <td class="nowrap">
                <span class={`level ${group.type === 'Normal' ? 'none' : 'bad'}`} title={group.type} translate={false}>
                  {group.reason}
                </span>
              </td>
              <td translate={false}>{group.message}</td>
              <td class="soft nowrap" translate={false}>
                {group.source}
              </td>
              <td class="right">{group.count}</td>
              <td class="soft nowrap" title={group.first}>
                <Age ms={Date.parse(group.first)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

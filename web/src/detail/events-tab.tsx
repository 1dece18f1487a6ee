import { signal } from '@preact/signals';
import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { useEffect, useMemo } from 'preact/hooks';
import { type ApiStatus, isApiError, requestJson } from '../api/http.ts';
import { watch } from '../api/watch-socket.ts';
import { Notice } from '../ui/notice.tsx';
import { Age } from '../ui/age-text.tsx';
import { groupEvents } from './events.ts';
import { detailTexts as t } from './texts.ts';

/** The events about an object, as they come. */
class FollowedEvents {
  readonly events = signal<ReadonlyMap<string, JsonObject> | undefined>(undefined);
  readonly failure = signal<ApiStatus | undefined>(undefined);
  readonly #path: string;
  readonly #abort = new AbortController();
  #endWatch: () => void = () => {};

  constructor({ metadata: { uid = '', namespace } }: KubeObject) {
    const selector = new URLSearchParams({ fieldSelector: `involvedObject.uid=${uid}` });
    // events about what has no namespace are in default
    this.#path = `/api/v1/namespaces/${namespace ?? 'default'}/events?${selector}`;
    void this.#list();
  }

  stop(): void {
    this.#abort.abort();
    this.#endWatch();
  }

  async #list(): Promise<void> {
    try {
      const list = await requestJson<{ items: JsonObject[]; metadata: { resourceVersion: string } }>(
        `/k8s${this.#path}`,
        {
          signal: this.#abort.signal,
        },
      );
      this.events.value = new Map(list.items.map((event) => [uidOf(event), event]));
      this.failure.value = undefined;
      this.#endWatch = watch(`${this.#path}&watch=1&resourceVersion=${list.metadata.resourceVersion}`, {
        events: (events) => {
          const next = new Map(this.events.peek());
          // what is forgotten by the server stays as long as it is looked at
          for (const { type, object } of events)
            if (type !== 'DELETED') next.set(uidOf(object as JsonObject), object as JsonObject);
          this.events.value = next;
        },
        end: () => this.#later(),
      });
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.failure.value = isApiError(error) ? error.status : { message: String(error) };
      if (!isApiError(error, 403)) this.#later();
    }
  }

  #later(): void {
    setTimeout(() => void (this.#abort.signal.aborted || this.#list()), 2000);
  }
}

function uidOf(event: JsonObject): string {
  return String((event.metadata as JsonObject).uid);
}

export function EventsTab({ object }: { readonly object: KubeObject }) {
  const followed = useMemo(() => new FollowedEvents(object), [object.metadata.uid]);
  useEffect(() => () => followed.stop(), [followed]);
  const { value: events } = followed.events;
  const groups = useMemo(() => groupEvents([...(events?.values() ?? [])]), [events]);
  if (followed.failure.value !== undefined && events === undefined)
    return (
      <Notice icon="warning" title={t.failedRead} role="alert">
        <p>{followed.failure.value.message}</p>
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
                <span class={`level ${group.type === 'Normal' ? 'none' : 'bad'}`} title={group.type}>
                  {group.reason}
                </span>
              </td>
              <td>{group.message}</td>
              <td class="soft nowrap">{group.source}</td>
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

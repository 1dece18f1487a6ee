import { useState } from 'preact/hooks';
import type { TimelineEntry } from 'nekube/kep';
import { Changes, Source } from './parts.tsx';
import { kepTexts as t } from './texts.ts';

/** So many of the newest changes are shown, until one asks for all. */
const FEW = 6;

/** What changed, by commit, the newest first. */
export function Timeline({ entries }: { readonly entries: readonly TimelineEntry[] }) {
  const [all, setAll] = useState(false);
  const newest = entries.toReversed();
  const shown = all ? newest : newest.slice(0, FEW);
  return (
    <section>
      <h3>{t.timeline}</h3>
      {entries.length === 0 ? (
        <p class="soft">{t.noTimeline}</p>
      ) : (
        <ol class="kep-timeline">
          {shown.map((entry) => (
            <li key={entry.commit} class={entry.changes.some(isStep) ? 'step' : undefined}>
              <p>
                <time dateTime={entry.time}>{entry.time.slice(0, 10)}</time>
                <Source entry={entry} />
              </p>
              <Changes changes={entry.changes} />
            </li>
          ))}
        </ol>
      )}
      {newest.length > shown.length && (
        <button type="button" class="quiet small" onClick={() => setAll(true)}>
          {t.allChanges(newest.length)}
        </button>
      )}
    </section>
  );
}

function isStep({ field }: TimelineEntry['changes'][number]): boolean {
  return field === 'status' || field === 'stage' || field === 'kep';
}

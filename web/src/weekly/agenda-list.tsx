import { type AgendaItem, textOfTitle } from 'nekube/weekly';
import { Notice } from '../ui/notice.tsx';
import { useTypedValue } from '../ui/typed-value.ts';
import type { BoardActions } from './board-actions.ts';
import { weeklyTexts as t } from './texts.ts';

interface Props {
  readonly items: readonly AgendaItem[];
  readonly actions: BoardActions;
  readonly canEdit: boolean;
}

/** Who presents what when, with the notes of the session. */
export function AgendaList({ items, actions, canEdit }: Props) {
  if (items.length === 0) return <Notice icon="clock" title={t.nothingHere} />;
  return (
    <ol class="agenda">
      {items.map(({ story, section, atMinute, presenter }) => (
        <li key={story.metadata.name}>
          <span class="agenda-time">{t.minutes(atMinute)}</span>
          <div>
            <p class="card-title" translate={false}>
              {story.spec.url === undefined ? (
                textOfTitle(story.spec.title)
              ) : (
                <a href={story.spec.url} target="_blank" rel="noreferrer noopener">
                  {textOfTitle(story.spec.title)}
                </a>
              )}
            </p>
            <p class="card-facts">
              <span translate={false}>{section}</span>
              <span>{presenter ?? t.nobody}</span>
            </p>
            <Notes {...{ story, actions, canEdit }} />
          </div>
        </li>
      ))}
    </ol>
  );
}

function Notes({
  story,
  actions,
  canEdit,
}: Pick<Props, 'actions' | 'canEdit'> & { readonly story: AgendaItem['story'] }) {
  const typed = useTypedValue(story.spec.notes ?? '', (text) => actions.note(story, text), { isKeptOnLeave: true });
  return (
    <textarea
      aria-label={`${t.notes}: ${textOfTitle(story.spec.title)}`}
      placeholder={t.notes}
      rows={2}
      disabled={!canEdit}
      {...typed}
    />
  );
}

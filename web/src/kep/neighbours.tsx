import type { KepPage, Related, Relation } from 'nekube/kep';
import { kepHref } from './frame.tsx';
import { KepLink, labelOf, StageMark } from './parts.tsx';
import { kepTexts as t } from './texts.ts';

/** What was before it, what came after it, and what lies beside it. */
const BEFORE: readonly Relation[] = ['replaces', 'supersedesAccordingTo'];
const AFTER: readonly Relation[] = ['supersededBy', 'replacedAccordingTo'];

/** The KEPs around one, as a line from what it replaces to what replaces it; what is only referred to branches off. */
export function Neighbours({ kep, related }: { readonly kep: KepPage['kep']; readonly related: readonly Related[] }) {
  const before = related.filter(({ relation }) => BEFORE.includes(relation));
  const after = related.filter(({ relation }) => AFTER.includes(relation));
  const beside = related.filter(({ relation }) => !BEFORE.includes(relation) && !AFTER.includes(relation));
  return (
    <section>
      <h3>
        {t.neighbours}
        {related.length > 0 && (
          <a class="more" href={kepHref(`/keps/graph?focus=${encodeURIComponent(kep.name)}`)}>
            {t.inGraph}
          </a>
        )}
      </h3>
      {related.length === 0 ? (
        <p class="soft">{t.noNeighbours}</p>
      ) : (
        <ul class="kep-rail">
          {before.map((one, i) => (
            <Neighbour key={`b${i}`} related={one} place="before" />
          ))}
          <li class="self">
            <strong>{labelOf(kep)}</strong>
            <span class="soft">{t.self}</span>
          </li>
          {after.map((one, i) => (
            <Neighbour key={`a${i}`} related={one} place="after" />
          ))}
          {beside.map((one, i) => (
            <Neighbour key={`s${i}`} related={one} place="beside" />
          ))}
        </ul>
      )}
    </section>
  );
}

function Neighbour({ related, place }: { readonly related: Related; readonly place: string }) {
  const { kep, relation, text, url, isDangling } = related;
  return (
    <li class={isDangling ? `${place} dangling` : place}>
      <span class="relation">{relationTitle(relation)}</span>
      {kep !== undefined ? (
        <span class="what">
          <KepLink kep={kep} />
          {kep.stage && <StageMark stage={kep.stage} written={{}} />}
        </span>
      ) : isDangling ? (
        <span class="what">
          <code translate={false}>{text}</code>
          <em>{t.dangling}</em>
        </span>
      ) : url !== undefined ? (
        <a href={url} rel="noopener noreferrer" translate={false}>
          {text}
        </a>
      ) : (
        <code translate={false}>{text}</code>
      )}
    </li>
  );
}

/** A relation in words, as it is read from the KEP that is shown. */
function relationTitle(relation: Relation): string {
  return {
    seeAlso: t.seeAlso,
    replaces: t.replaces,
    supersededBy: t.supersededBy,
    seenFrom: t.seenFrom,
    replacedAccordingTo: t.replacedAccordingTo,
    supersedesAccordingTo: t.supersedesAccordingTo,
  }[relation];
}

import { type Html, html } from './html.ts';

/** More leaves than these make a table that nobody can look over: they are listed. */
const MOST_COLUMNS = 24;

/** A matrix of leaves of the spec by the places that they change, these by their objects; undefined: there are none. */
export function influenceTable(influence: Readonly<Record<string, readonly string[]>>): Html | undefined {
  const leaves = Object.keys(influence);
  if (leaves.length === 0) return undefined;
  if (leaves.length > MOST_COLUMNS) return listOf(influence);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Influence of the spec"><table class="matrix">
<thead><tr><th scope="col">Place</th>${leaves.map((leaf) => html`<th scope="col"><code>${leaf}</code></th>`)}</tr></thead>
<tbody>${[...placesByObject(influence)].map(([object, places]) => [
    html`<tr class="object"><th scope="colgroup" colspan="${leaves.length + 1}"><code>${object}</code></th></tr>`,
    [...places].map((place) => row(object, place, leaves, influence)),
  ])}</tbody>
</table></div>`;
}

function row(
  object: string,
  place: string,
  leaves: readonly string[],
  influence: Readonly<Record<string, readonly string[]>>,
): Html {
  const line = `${object}: ${place}`;
  const cells = leaves.map((leaf) =>
    influence[leaf]!.includes(line)
      ? html`<td><span aria-hidden="true">●</span><span class="hide">changes</span></td>`
      : html`<td class="none"><span aria-hidden="true">·</span><span class="hide">does not</span></td>`,
  );
  return html`<tr><th scope="row"><code>${place}</code></th>${cells}</tr>`;
}

/** `configmaps ns/name: /data/a` is the place `/data/a` of an object. */
function placesByObject(
  influence: Readonly<Record<string, readonly string[]>>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const objects = new Map<string, Set<string>>();
  for (const line of Object.values(influence).flat()) {
    const at = line.indexOf(': ');
    const [object, place] = at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 2)];
    if (!objects.has(object)) objects.set(object, new Set());
    objects.get(object)!.add(place);
  }
  return objects;
}

function listOf(influence: Readonly<Record<string, readonly string[]>>): Html {
  return html`${Object.entries(influence).map(
    ([
      leaf,
      places,
    ]) => html`<details><summary><code>${leaf}</code> <span class="dim">${places.length} places</span></summary>
<ul>${places.map((place) => html`<li><code>${place}</code></li>`)}</ul></details>`,
  )}`;
}

import { queryValue, setQuery } from '../app/router.ts';
import { Notice } from '../ui/notice.tsx';
import { keyOf, type Manager, type Matrix, nameOf, ordered, pairOf, shadeOf } from './matrix.ts';
import { type Chosen, Failure, queryOf, useAnswer } from './answer.tsx';
import { ownershipTexts as t } from './texts.ts';

/** Which managers own fields together, and which fields these are. */
export function Conflicts({ chosen }: { readonly chosen: Chosen }) {
  const { answer: matrix, failure } = useAnswer<Matrix>(`/console/conflicts?${queryOf(chosen)}`);
  if (failure !== undefined) return <Failure status={failure} />;
  if (matrix === undefined) return <p class="pane soft">{t.reading}</p>;
  const unread = <Unread kinds={matrix.unread ?? []} />;
  if (matrix.managers.length === 0)
    return (
      <div class="pane">
        {unread}
        <Notice title={t.noManagers} />
      </div>
    );
  const managers = ordered(matrix);
  const pair = matrix.pairs.find(({ managers: both }) => both.map(keyOf).join(' ') === queryValue('pair'));
  return (
    <div class="pane">
      <p class="soft status-line" role="status">
        {t.objects(matrix.objects)} {matrix.incomplete && t.incomplete}
      </p>
      {unread}
      <div class="matrix-parts">
        <MatrixTable matrix={matrix} managers={managers} pair={pair} />
        {pair && <Pair pair={pair} />}
      </div>
      {matrix.pairs.length === 0 && (
        <Notice title={t.nothingShared}>
          <p>{t.nothingSharedBody}</p>
        </Notice>
      )}
    </div>
  );
}

/** What is missing in what is shown. */
function Unread({ kinds }: { readonly kinds: NonNullable<Matrix['unread']> }) {
  if (kinds.length === 0) return null;
  const names = kinds.map(({ apiVersion, kind }) => {
    const [group] = apiVersion.split('/');
    return group === apiVersion ? kind : `${kind} (${group})`;
  });
  return <p class="banner warn">{t.unread(names.join(', '))}</p>;
}

function MatrixTable(props: {
  readonly matrix: Matrix;
  readonly managers: Matrix['managers'];
  readonly pair: Matrix['pairs'][number] | undefined;
}) {
  const { matrix, managers, pair } = props;
  const most = Math.max(...matrix.pairs.map(({ fields }) => fields), 1);
  const columns = managers.filter((one) =>
    matrix.pairs.some(({ managers: both }) => both.some((m) => keyOf(m) === keyOf(one))),
  );
  return (
    <table class="plain matrix">
      <caption class="hidden">{t.matrix}</caption>
      <thead>
        <tr>
          <th scope="col">{t.manager}</th>
          <th scope="col">{t.how}</th>
          <th scope="col" class="right">
            {t.objectCount}
          </th>
          <th scope="col" class="right">
            {t.fields}
          </th>
          {columns.map((column) => (
            <th key={keyOf(column)} scope="col" class="column" title={nameOf(column)} translate={false}>
              <span>{nameOf(column)}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {managers.map((row) => (
          <tr key={keyOf(row)}>
            <th scope="row" translate={false}>
              {nameOf(row)}
            </th>
            <td class="soft">{operationText(row)}</td>
            <td class="right">{row.objects}</td>
            <td class="right">{row.fields}</td>
            {columns.map((column) => {
              const found = pairOf(matrix, row, column);
              if (found === undefined) return <td key={keyOf(column)} class="cell none" />;
              return (
                <td key={keyOf(column)} class={`cell shade-${shadeOf(found.fields, most)}`}>
                  <button
                    type="button"
                    aria-pressed={found === pair}
                    aria-label={t.cell(found.fields, nameOf(row), nameOf(column))}
                    onClick={() => setQuery({ pair: found === pair ? undefined : found.managers.map(keyOf).join(' ') })}
                  >
                    {found.fields}
                  </button>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Pair({ pair }: { readonly pair: Matrix['pairs'][number] }) {
  const [one, other] = pair.managers;
  return (
    <section class="pair" aria-live="polite">
      <h2>{t.pairTitle(nameOf(one), nameOf(other))}</h2>
      <p class="soft">{t.pairHint(pair.fields, pair.objects)}</p>
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">{t.path}</th>
            <th scope="col" class="right">
              {t.objectCount}
            </th>
          </tr>
        </thead>
        <tbody>
          {pair.paths.slice(0, 300).map(({ path, objects }) => (
            <tr key={path}>
              <td class="mono" translate={false}>
                {path}
              </td>
              <td class="right">{objects}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function operationText({ operation }: Manager): string {
  return operation === 'Apply' ? t.applied : t.updated;
}

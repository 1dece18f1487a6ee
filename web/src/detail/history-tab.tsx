import type { FieldHistory } from '../ownership/history-lines.ts';
import { HistoryLines } from '../ownership/history.tsx';
import { Failure, useAnswer } from '../ownership/answer.tsx';
import type { TabProps } from './detail-view.tsx';
import { apiVersionOf } from '../api/kinds.ts';

/** Who changed which field of the object, from now on, and what managedFields tell of before. */
export function HistoryTab({ object, kind }: TabProps) {
  const { name = '', namespace } = object.metadata;
  const query = new URLSearchParams({ apiVersion: apiVersionOf(kind), kind: kind.kind, name });
  if (namespace !== undefined) query.set('namespace', namespace);
  const { answer, failure } = useAnswer<FieldHistory>(`/console/field-history?${query}`, 1500);
  if (answer === undefined)
    return failure === undefined ? <div class="pending" role="status" /> : <Failure status={failure} />;
  return <HistoryLines history={answer} withObject={false} />;
}

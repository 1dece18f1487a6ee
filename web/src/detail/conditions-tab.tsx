import type { KubeObject } from 'nekube/apimachinery';
import { Notice } from '../ui/notice.tsx';
import { Age } from '../ui/age-text.tsx';
import { conditionsOf } from './summary.ts';
import { detailTexts as t } from './texts.ts';

export function ConditionsTab({ object }: { readonly object: KubeObject }) {
  const conditions = conditionsOf(object);
  if (conditions.length === 0)
    return (
      <Notice title={t.noConditions}>
        <p>{t.noConditionsBody}</p>
      </Notice>
    );
  return (
    <div class="pane">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">{t.condition}</th>
            <th scope="col">{t.status}</th>
            <th scope="col">{t.since}</th>
            <th scope="col">{t.reason}</th>
            <th scope="col">{t.message}</th>
          </tr>
        </thead>
        <tbody>
          {conditions.map(({ type, status, since, reason, message, bad }) => (
            <tr key={type}>
              <td translate={false}>{type}</td>
              <td>
                <span class={`level ${bad ? 'bad' : status === 'True' ? 'good' : 'none'}`} translate={false}>
                  {status}
                </span>
              </td>
              <td class="soft nowrap" title={since}>
                {since !== '' && <Age ms={Date.parse(since)} />}
              </td>
              <td translate={false}>{reason}</td>
              <td translate={false}>{message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

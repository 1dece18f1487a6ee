import { overviewTexts as t } from './texts.ts';

export default function OverviewView() {
  return <h1>{t.overview}</h1>;
}

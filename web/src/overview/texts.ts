import { texts } from '../i18n/texts.ts';

export const overviewTexts = texts({ overview: 'Overview' }, { ja: { overview: '概要' } });

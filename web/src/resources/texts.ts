import { texts } from '../i18n/texts.ts';

export const resourceTexts = texts(
  {
    workloads: 'Workloads',
    configuration: 'Configuration',
    network: 'Network',
    storage: 'Storage',
    access: 'Access',
    cluster: 'Cluster',
    extension: 'Extension',
  },
  {
    ja: {
      workloads: 'ワークロード',
      configuration: '設定',
      network: 'ネットワーク',
      storage: 'ストレージ',
      access: 'アクセス制御',
      cluster: 'クラスター',
      extension: '拡張',
    },
  },
);

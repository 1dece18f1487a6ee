import type { Section } from '../app/registry.ts';

export const detail: Section = {
  name: 'detail',
  routes: [
    {
      paths: ['/r/:group/:version/:resource/:name', '/r/:group/:version/:resource/ns/:namespace/:name'],
      view: () => import('./detail-view.tsx'),
    },
  ],
};

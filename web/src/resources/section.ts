import type { Section } from '../app/registry.ts';

export const resources: Section = {
  name: 'resources',
  routes: [
    {
      paths: ['/r/:group/:version/:resource', '/r/:group/:version/:resource/ns/:namespace'],
      view: () => import('./list-view.tsx'),
    },
  ],
};

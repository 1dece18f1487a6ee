// What no schema can tell: whether another Website has the domain already.
import { denied, WebhookServer } from 'nekube/controller';
import { Website } from './website.mjs';

/** A server of the webhook, which is asked at kubebuilder's path. */
export function websiteWebhooks(client, options) {
  return new WebhookServer(options).kind(
    { group: 'example.com', version: 'v1', kind: 'Website' },
    {
      validator: {
        create: async ({ spec }) => {
          const { items } = await client.list(Website);
          const other = items.find((website) => website.spec.domain === spec.domain);
          if (other)
            return denied(`${spec.domain} is the domain of ${other.metadata.namespace}/${other.metadata.name}`);
        },
      },
    },
  );
}

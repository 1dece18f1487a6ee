import type { Storage } from 'nekube/storage';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { Informers } from '../registry/informers.ts';
import type { Resources } from '../registry/resources.ts';
import type { Store } from '../registry/store.ts';
import type { WebhookClient } from '../webhooks/index.ts';
import type { PluginConfigurations } from './configuration.ts';

/** What plugins look things up with. */
export interface PluginDeps {
  readonly store: Store;
  readonly resources: Resources;
  readonly storage: Storage;
  /** Calls the webhooks of admission. */
  readonly webhooks: WebhookClient;
  /** For what each request looks at; a plugin asks for its informers when it is made. */
  readonly informers: Informers;
  /** For plugins whose answer depends on what else the user may do. */
  readonly authorizer: Authorizer;
  readonly now: () => Date;
  /** What the operator's file says of single plugins, by their names; default: nothing. */
  readonly configurations?: PluginConfigurations | undefined;
}

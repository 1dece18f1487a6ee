import { type AddressBook, type Addresses, type AddressWish, isOwnAddress } from '../addresses/index.ts';
import type { DataPlane, Endpoints, GatewayConfig, GatewayModel, Unsupported } from '../model/index.ts';
import { type Statuses, withPlaneState } from '../statuses/index.ts';
import { keyOf, type Gateway, type Snapshot, type Translation, Translator } from '../translate/index.ts';
import { type AddressWorld, assignedAddresses } from './assigned-addresses.ts';
import { BindPorts } from './bind-ports.ts';
import { balancedAddresses, knownPort, serviceOf } from './gateway-service.ts';
import { PreparedExpressions } from './prepared-expressions.ts';
import type { WatchedObjects } from './watched-objects.ts';

/** What a loop works with. */
export interface TranslationLoopParts {
  readonly controllerName: string;
  /** Those of the data plane that the cluster can ask for. */
  readonly supportedFeatures: readonly string[];
  readonly objects: WatchedObjects;
  readonly addresses: AddressBook;
  readonly dataPlane: DataPlane;
  /** Is told the statuses that objects shall have. */
  readonly onStatuses: (statuses: Statuses) => void;
  /** Is told what each Gateway is made of, if that changed. */
  readonly onModel: (model: GatewayModel, addresses: Addresses) => void;
  /** Something that could not be translated yet can be: it is to be translated again. */
  readonly onPrepared: () => void;
  /** Is told how long a translation took. */
  readonly onTranslated?: (elapsedMs: number) => void;
}

/** From objects to what is served and what is said of it, each time that something changed. */
export class TranslationLoop {
  readonly #parts: TranslationLoopParts;
  readonly #translator = new Translator();
  readonly #bindPorts = new BindPorts();
  readonly #expressions: PreparedExpressions;
  /** What is served of the last translation. */
  #model: GatewayModel | undefined;
  #translation: Translation | undefined;
  #addresses: Addresses | undefined;
  #world: AddressWorld | undefined;
  /** What was last asked of the data plane, which endpoints do not change. */
  #unsupported: { readonly of: GatewayModel; readonly unsupported: readonly Unsupported[] } | undefined;

  constructor(parts: TranslationLoopParts) {
    this.#parts = parts;
    this.#expressions = new PreparedExpressions(parts.onPrepared);
  }

  /** Translates what there is now, hands it to the data plane, and says what is known of it. */
  async translate(): Promise<void> {
    const { objects, addresses, controllerName, supportedFeatures, dataPlane, onModel, onTranslated } = this.#parts;
    const there = objects.objects();
    const snapshot = { controllerName, supportedFeatures, ...there, ...(await this.#expressions.prepare(there)) };
    this.#addresses = await addresses.assign(wishesOf(snapshot));
    const { gateways, services } = snapshot;
    this.#world = { gateways, services, supportedFeatures, addresses: this.#addresses };
    const began = performance.now();
    const before = this.#model;
    const translated = this.#translation?.model;
    this.#translation = this.#translator.translate({ ...snapshot, addresses: this.#addresses.listen });
    onTranslated?.(performance.now() - began);
    const model = this.#placed(translated, this.#translation.model, snapshot);
    this.#model = model;
    if (model !== before) serve(dataPlane, before, model);
    onModel(model, this.#addresses);
    this.tellStatuses();
  }

  /** The model with the ports that listeners have behind load balancers. */
  #placed(before: GatewayModel | undefined, model: GatewayModel, snapshot: Omit<Snapshot, 'addresses'>): GatewayModel {
    if (this.#addresses?.exposure === undefined) return model;
    if (model === before && this.#model !== undefined) return this.#model;
    const placed = this.#bindPorts.place(model, knownPort(snapshot));
    const isSame = this.#model?.gateways.every((gateway, index) => gateway === placed.gateways[index]);
    const hasAll = this.#model?.gateways.length === placed.gateways.length;
    return isSame && hasAll ? { ...placed, gateways: this.#model!.gateways } : placed;
  }

  /** Says anew what became of the last translation: the data plane has news. */
  tellStatuses(): void {
    if (this.#translation === undefined || this.#world === undefined) return;
    const { dataPlane, onStatuses } = this.#parts;
    const { statuses } = this.#translation;
    const model = this.#model!;
    const addresses = assignedAddresses(this.#world);
    const report = { state: dataPlane.state(), unsupported: this.#unsupportedOf(model), addresses };
    onStatuses(withPlaneState(statuses, report));
  }

  #unsupportedOf(model: GatewayModel): readonly Unsupported[] {
    const before = this.#unsupported;
    if (before?.of.gateways === model.gateways && before.of.backends === model.backends) return before.unsupported;
    const unsupported = this.#parts.dataPlane.unsupported(model);
    this.#unsupported = { of: model, unsupported };
    return unsupported;
  }
}

/** Of a model of which only endpoints are new, these alone are handed on. */
function serve(dataPlane: DataPlane, before: GatewayModel | undefined, model: GatewayModel): void {
  const isSame =
    before !== undefined &&
    (['gateways', 'backends', 'secrets'] as const).every((part) => model[part] === before[part]);
  if (!isSame) return dataPlane.update(model);
  const changed = changedEndpoints(before.endpoints, model.endpoints);
  // which ones there are depends on the backends, so none is gone
  if (changed.length > 0) dataPlane.updateEndpoints(changed);
}

function changedEndpoints(before: GatewayModel['endpoints'], now: GatewayModel['endpoints']): readonly Endpoints[] {
  const changed: Endpoints[] = [];
  for (const [name, endpoints] of now) if (before.get(name) !== endpoints) changed.push(endpoints);
  return changed;
}

/** What the gateways of our classes need, the oldest first. */
function wishesOf(snapshot: Omit<Snapshot, 'addresses'>): readonly AddressWish[] {
  const classes = new Set(
    [...snapshot.gatewayClasses.values()]
      .filter(({ spec }) => spec?.controllerName === snapshot.controllerName)
      .map(({ metadata }) => metadata.name),
  );
  return [...snapshot.gateways.values()]
    .filter(({ spec }) => classes.has(spec?.gatewayClassName ?? ''))
    .sort(byAge)
    .map((gateway) => ({
      key: keyOf(gateway),
      wanted: wantedOf(gateway),
      has: addressesOf(gateway),
      ...balancedOf(gateway, snapshot),
    }));
}

function balancedOf(gateway: Gateway, snapshot: Omit<Snapshot, 'addresses'>): Pick<AddressWish, 'balanced'> {
  const balanced = balancedAddresses(serviceOf(gateway, snapshot));
  return balanced.length === 0 ? {} : { balanced };
}

function wantedOf({ spec }: Gateway): string[] {
  return (spec?.addresses ?? []).filter(isOwnAddress).map(({ value = '' }) => value);
}

function addressesOf(gateway: Gateway): string[] {
  const { status } = gateway as { readonly status?: { readonly addresses?: readonly { readonly value: string }[] } };
  return (status?.addresses ?? []).map(({ value }) => value);
}

function byAge(a: Gateway, b: Gateway): number {
  const [older, newer] = [a, b].map((gateway) => `${gateway.metadata.creationTimestamp ?? ''} ${keyOf(gateway)}`);
  return older! < newer! ? -1 : 1;
}

/** Those of gateways in a model, by key. */
export function configsOf(model: GatewayModel): ReadonlyMap<string, GatewayConfig> {
  return new Map(model.gateways.map((config) => [config.key, config]));
}

export { type AssetsFolder, ensureAssets, type EnsureOptions } from './ensure.ts';
export { AssetsError } from './errors.ts';
export { installAssets, type InstallOptions, removeAssets } from './install.ts';
export { ASSETS_VERSION, type Place, platformName, readVersion } from './places.ts';

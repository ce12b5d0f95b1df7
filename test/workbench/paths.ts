import path from 'node:path';

/** The checkout: the folder of package.json, which is the extension's folder too. */
export const rootFolder = path.resolve(import.meta.dirname, '../..');

/** Downloads that tests and `npm start` share; never checked in. */
export const cacheFolder = path.join(rootFolder, '.vscode-test');

/** Bundles of `npm run build`. */
export const distFolder = path.join(rootFolder, 'dist');

/** Compiled C targets, one executable for each test/fixtures/targets/NAME.c. */
export const targetFolder = path.join(distFolder, 'test/targets');

/** Commands of node_modules, with the Node that everything here runs on. */
export const binFolder = path.join(rootFolder, 'node_modules/.bin');

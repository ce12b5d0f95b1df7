import path from 'node:path';
import { chmod, cp } from 'node:fs/promises';
import webpack from 'webpack';

const root = import.meta.dirname;
const dist = path.join(root, 'dist');

/** What all bundles share: TypeScript by ts-loader, which strips types and leaves checking to `npm run types`. */
function bundle(name, folder, options) {
  return {
    name,
    context: root,
    devtool: 'source-map',
    resolve: { extensions: ['.ts', '.js'], extensionAlias: { '.js': ['.ts', '.js'] } },
    module: {
      rules: [
        {
          test: /\.ts$/,
          exclude: /node_modules/,
          loader: 'ts-loader',
          options: {
            transpileOnly: true,
            instance: name,
            configFile: path.join(root, folder, 'tsconfig.json'),
            compilerOptions: {
              noEmit: false,
              allowImportingTsExtensions: false,
              rewriteRelativeImportExtensions: true,
              sourceMap: true,
            },
          },
        },
      ],
    },
    performance: { hints: false },
    stats: 'errors-warnings',
    ...options,
  };
}

/** Bundles that run on Node: CommonJS, with the modules that must stay outside them. */
function nodeBundle(name, folder, entry, external, plugins = []) {
  return bundle(name, folder, {
    target: 'node20',
    entry,
    output: {
      path: dist,
      filename: '[name].cjs',
      chunkFilename: '[name].cjs',
      library: { type: 'commonjs2' },
    },
    externals: Object.fromEntries(external.map((module) => [module, `commonjs ${module}`])),
    externalsPresets: { node: true },
    plugins,
  });
}

/** What the timeline's panel loads as it is: style sheets, icon font, the tab's icon. */
const pageFiles = [
  'node_modules/@vscode/codicons/dist/codicon.css',
  'node_modules/@vscode/codicons/dist/codicon.ttf',
  'webview/styles/timeline.css',
  'extension/timeline/timeline-dark.svg',
  'extension/timeline/timeline-light.svg',
];
const copyPageFiles = {
  apply(compiler) {
    compiler.hooks.afterEmit.tapPromise('copyPageFiles', () =>
      Promise.all(pageFiles.map((file) => cp(path.join(root, file), path.join(dist, path.basename(file))))),
    );
  },
};

/** uffdbg is a command: the package's `bin`. */
const command = 'uffdbg.cjs';
const shebang = new webpack.BannerPlugin({
  banner: '#!/usr/bin/env node',
  raw: true,
  entryOnly: true,
  test: command,
});
const makeExecutable = {
  apply(compiler) {
    compiler.hooks.afterEmit.tapPromise('makeExecutable', () => chmod(path.join(dist, command), 0o755));
  },
};

export default [
  nodeBundle('extension', 'extension', { extension: './extension/extension.ts' }, ['vscode']),
  nodeBundle(
    'helper',
    'native-helper',
    {
      helper: './native-helper/main.ts',
      readerThread: './native-helper/capture/readerThread.ts',
      launchTracer: './native-helper/launch/tracer.ts',
      guardian: './native-helper/attach/guardian.ts',
      demoTarget: './native-helper/demo/demoTarget.ts',
      demoThread: './native-helper/demo/demoThread.ts',
      uffdbg: './native-helper/cli/uffdbg.ts',
    },
    // Native code cannot be bundled; koffi finds its platform package beside itself.
    ['koffi'],
    [shebang, makeExecutable],
  ),
  bundle('webview', 'webview', {
    target: 'web',
    entry: { timeline: './webview/main.ts' },
    output: { path: dist, filename: '[name].js' },
    plugins: [copyPageFiles],
  }),
  // The integration suite runs inside VS Code, whose mocha is this repository's own.
  nodeBundle('integration', 'test', { 'test/integration': './test/integration/index.ts' }, [
    'vscode',
    'mocha',
    'koffi',
  ]),
];
